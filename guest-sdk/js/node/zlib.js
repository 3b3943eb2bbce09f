// node:zlib on the host's compression. Streams work on the whole once it is there.

import stream from './stream.cjs';
import { Buffer } from './buffer.js';
import { crc32 } from './crc32.js';
import { host } from '../platform/host.js';

const { Transform } = stream;

const LEVEL = 6;

export const constants = {
  Z_NO_FLUSH: 0,
  Z_PARTIAL_FLUSH: 1,
  Z_SYNC_FLUSH: 2,
  Z_FULL_FLUSH: 3,
  Z_FINISH: 4,
  Z_BLOCK: 5,
  Z_NO_COMPRESSION: 0,
  Z_BEST_SPEED: 1,
  Z_BEST_COMPRESSION: 9,
  Z_DEFAULT_COMPRESSION: -1,
  Z_DEFAULT_STRATEGY: 0,
  BROTLI_OPERATION_PROCESS: 0,
  BROTLI_OPERATION_FLUSH: 1,
  BROTLI_OPERATION_FINISH: 2,
  BROTLI_OPERATION_EMIT_METADATA: 3,
  BROTLI_PARAM_MODE: 0,
  BROTLI_MODE_GENERIC: 0,
  BROTLI_MODE_TEXT: 1,
  BROTLI_MODE_FONT: 2,
  BROTLI_DEFAULT_MODE: 0,
  BROTLI_PARAM_QUALITY: 1,
  BROTLI_MIN_QUALITY: 0,
  BROTLI_MAX_QUALITY: 11,
  BROTLI_DEFAULT_QUALITY: 11,
  BROTLI_PARAM_LGWIN: 2,
  BROTLI_MIN_WINDOW_BITS: 10,
  BROTLI_MAX_WINDOW_BITS: 24,
  BROTLI_DEFAULT_WINDOW: 22,
  BROTLI_PARAM_SIZE_HINT: 5,
};

const bytesOf = (input) => {
  if (typeof input === 'string') return Buffer.from(input);
  if (input instanceof Uint8Array) return input;
  return ArrayBuffer.isView(input) ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength) : new Uint8Array(input);
};

const bufferOf = (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const levelOf = (options) => (options?.level === undefined || options.level < 0 ? LEVEL : options.level);
const pack = (format) => (input, options) => bufferOf(host.compress(format, bytesOf(input), levelOf(options)));

const unpack = (format) => (input) => {
  const bytes = bytesOf(input);
  if (bytes.length === 0) throw dataError('unexpected end of file', 'Z_BUF_ERROR', -5);
  try {
    return bufferOf(host.decompress(typeof format === 'function' ? format(bytes) : format, bytes));
  } catch (cause) {
    throw dataError(cause.message, 'Z_DATA_ERROR', -3);
  }
};

export const brotliCompressSync = (input, options) => {
  const { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_LGWIN]: window } = options?.params ?? {};
  const { BROTLI_DEFAULT_QUALITY, BROTLI_DEFAULT_WINDOW } = constants;
  return bufferOf(host.brotli(bytesOf(input), quality ?? BROTLI_DEFAULT_QUALITY, window ?? BROTLI_DEFAULT_WINDOW));
};

export const brotliDecompressSync = (input) => {
  const bytes = bytesOf(input);
  if (bytes.length === 0) throw dataError('unexpected end of file', 'Z_BUF_ERROR', -5);
  try {
    return bufferOf(host.unbrotli(bytes));
  } catch {
    throw dataError('Decompression failed', 'ERR__ERROR_FORMAT_PADDING_1', -14);
  }
};

const dataError = (message, code, errno) => Object.assign(new Error(message), { code, errno });
const isGzip = (bytes) => bytes[0] === 0x1f && bytes[1] === 0x8b;

export const deflateRawSync = pack('deflate-raw');
export const deflateSync = pack('deflate');
export const gunzipSync = unpack('gzip');
export const gzipSync = pack('gzip');
export const inflateRawSync = unpack('deflate-raw');
export const inflateSync = unpack('deflate');
export const unzipSync = unpack((bytes) => (isGzip(bytes) ? 'gzip' : 'deflate'));

const later = (work) => (input, options, done = options) => {
  let result;
  try {
    result = [null, work(input, typeof options === 'function' ? {} : options)];
  } catch (error) {
    result = [error];
  }
  setImmediate(() => done(...result));
};

export const brotliCompress = later(brotliCompressSync);
export const brotliDecompress = later(brotliDecompressSync);
export const deflate = later(deflateSync);
export const deflateRaw = later(deflateRawSync);
export const gunzip = later(gunzipSync);
export const gzip = later(gzipSync);
export const inflate = later(inflateSync);
export const inflateRaw = later(inflateRawSync);
export const unzip = later(unzipSync);

const streamOf = (work) =>
  class extends Transform {
    #pieces = [];
    #options;

    constructor(options = {}) {
      super(options);
      this.#options = options;
    }

    _transform(chunk, encoding, done) {
      this.#pieces.push(chunk);
      done();
    }

    _flush(done) {
      later(work)(Buffer.concat(this.#pieces), this.#options, done);
    }

    close(done) {
      this.destroy();
      if (done) queueMicrotask(done);
    }

    flush(kind, done = kind) {
      if (typeof done === 'function') queueMicrotask(done);
    }
  };

export const BrotliCompress = streamOf(brotliCompressSync);
export const BrotliDecompress = streamOf(brotliDecompressSync);
export const Deflate = streamOf(deflateSync);
export const DeflateRaw = streamOf(deflateRawSync);
export const Gunzip = streamOf(gunzipSync);
export const Gzip = streamOf(gzipSync);
export const Inflate = streamOf(inflateSync);
export const InflateRaw = streamOf(inflateRawSync);
export const Unzip = streamOf(unzipSync);

export const createBrotliCompress = (options) => new BrotliCompress(options);
export const createBrotliDecompress = (options) => new BrotliDecompress(options);
export const createDeflate = (options) => new Deflate(options);
export const createDeflateRaw = (options) => new DeflateRaw(options);
export const createGunzip = (options) => new Gunzip(options);
export const createGzip = (options) => new Gzip(options);
export const createInflate = (options) => new Inflate(options);
export const createInflateRaw = (options) => new InflateRaw(options);
export const createUnzip = (options) => new Unzip(options);

export const codes = {};

export { crc32 };

export default {
  BrotliCompress,
  BrotliDecompress,
  Deflate,
  DeflateRaw,
  Gunzip,
  Gzip,
  Inflate,
  InflateRaw,
  Unzip,
  brotliCompress,
  brotliCompressSync,
  brotliDecompress,
  brotliDecompressSync,
  codes,
  constants,
  ...constants,
  crc32,
  createBrotliCompress,
  createBrotliDecompress,
  createDeflate,
  createDeflateRaw,
  createGunzip,
  createGzip,
  createInflate,
  createInflateRaw,
  createUnzip,
  deflate,
  deflateRaw,
  deflateRawSync,
  deflateSync,
  gunzip,
  gunzipSync,
  gzip,
  gzipSync,
  inflate,
  inflateRaw,
  inflateRawSync,
  inflateSync,
  unzip,
  unzipSync,
};
