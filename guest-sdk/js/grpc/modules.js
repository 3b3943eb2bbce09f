// What takes the place of gRPC's package, and of parts of what is kept of it. Plain data, for the builder.

// Paths are relative to this SDK's folder.
const PACKAGE = 'grpc/index.cjs';
const PARTS = { './channel': 'grpc/channel.js', stream: 'grpc/stream.js' };

/** The file that an import leads to instead, if there is one. */
export function replacementOf(wanted, importer) {
  if (wanted === '@grpc/grpc-js') return PACKAGE;
  return /[\\/]@grpc[\\/]grpc-js[\\/]/.test(importer) ? PARTS[wanted] : undefined;
}
