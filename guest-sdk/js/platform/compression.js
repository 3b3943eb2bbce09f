// CompressionStream and DecompressionStream, and the decoding of compressed answers.

import { Gunzip, Unzlib } from 'fflate';
import { define } from './globals.js';
import { host } from './host.js';
import { join } from './streams.js';
import { Pair } from './text_streams.js';

const FORMATS = ['gzip', 'deflate', 'deflate-raw'];

// As zlib's default.
const LEVEL = 6;

const bytesOf = (chunk) => {
  if (chunk instanceof Uint8Array) return chunk.slice();
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength).slice();
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk.slice());
  throw new TypeError('The chunk is no BufferSource');
};

const check = (format) => {
  if (!FORMATS.includes(format)) throw new TypeError(`Unsupported compression format: '${format}'`);
};

// The host works on the whole at once.
const whole = (work) => {
  const pieces = [];
  return {
    transform: (chunk) => {
      pieces.push(bytesOf(chunk));
    },
    flush: (controller) => {
      const bytes = work(join(pieces));
      if (bytes.length > 0) controller.enqueue(bytes);
    },
  };
};

export class CompressionStream extends Pair {
  constructor(format) {
    check(format);
    super(whole((bytes) => host.compress(format, bytes, LEVEL)));
  }
}

export class DecompressionStream extends Pair {
  constructor(format) {
    check(format);
    super(whole((bytes) => unpack(format, bytes)));
  }
}

function unpack(format, bytes) {
  try {
    return format === 'br' ? host.unbrotli(bytes) : host.decompress(format, bytes);
  } catch (cause) {
    throw new TypeError(cause.message, { cause });
  }
}

/** What servers are told that they may send; brotli, as Node has it, only where nobody in between can mistake it. */
export const acceptedBy = (url) => (url.protocol === 'https:' ? 'br, gzip, deflate' : 'gzip, deflate');

const FORMATS_BY_NAME = { br: 'br', gzip: 'gzip', 'x-gzip': 'gzip', deflate: 'deflate' };

/** The formats of a `content-encoding`, in the order to undo them. None where one is not known: then it stays as it is. */
function formatsOf(encodings) {
  const names = encodings.toLowerCase().split(',').map((each) => each.trim()).filter((each) => each && each !== 'identity');
  const formats = names.reverse().map((name) => FORMATS_BY_NAME[name]);
  return formats.includes(undefined) ? [] : formats;
}

/** An answer's bytes without their `content-encoding`. */
export function decodeWhole(encodings, bytes) {
  return formatsOf(encodings).reduce((packed, format) => unpackAnswer(format)(packed), bytes);
}

/** Transformers that undo a `content-encoding`; piece by piece where the answer goes on for long. */
export function decoders(encodings, isLive) {
  return formatsOf(encodings).map((format) => {
    if (isLive) return LIVE[format]();
    return whole(unpackAnswer(format));
  });
}

// Some servers' `deflate` lacks the frame that it should have. The answer to a HEAD has nothing at all.
const unpackAnswer = (format) => (bytes) => {
  if (bytes.length === 0) return bytes;
  const isBare = format === 'deflate' && ((bytes[0] & 0x0f) !== 8 || ((bytes[0] << 8) | bytes[1]) % 31 !== 0);
  try {
    return unpack(isBare ? 'deflate-raw' : format, bytes);
  } catch (cause) {
    throw new TypeError('terminated', { cause });
  }
};

// Piece by piece, for answers that go on for as long as something happens.
const liveBrotli = () => {
  const decode = host.brotliDecoder();
  const pass = (bytes, controller) => {
    if (bytes.length > 0) controller.enqueue(bytes);
  };
  return {
    transform: (chunk, controller) => pass(decode(chunk, false), controller),
    flush: (controller) => pass(decode(new Uint8Array(), true), controller),
  };
};

// Slower, as it is JavaScript.
const live = (Unpacker) => {
  let unpacker;
  return {
    start: (controller) => {
      unpacker = new Unpacker((bytes) => {
        if (bytes.length > 0) controller.enqueue(bytes);
      });
    },
    transform: (chunk) => unpacker.push(chunk),
    flush: () => unpacker.push(new Uint8Array(), true),
  };
};

const LIVE = { br: liveBrotli, gzip: () => live(Gunzip), deflate: () => live(Unzlib) };

define({ CompressionStream, DecompressionStream });
