// node:buffer, of the package buffer. What it does not know is added: base64url, and the host's own UTF-8, which is many
// times quicker than one in JavaScript.

import { Buffer, INSPECT_MAX_BYTES, SlowBuffer, kMaxLength } from 'buffer/';
import { inspect } from '../platform/inspect.js';
import { decode, encode } from '../platform/encoding.js';
import { Blob, File } from '../platform/fetch/blob.js';

const isUtf8Name = (encoding) => encoding === undefined || encoding === null || /^utf-?8$/i.test(encoding);
const isBase64Url = (encoding) => typeof encoding === 'string' && encoding.toLowerCase() === 'base64url';
const isBase64 = (encoding) => typeof encoding === 'string' && encoding.toLowerCase() === 'base64';

const wrap = (bytes) => Object.setPrototypeOf(bytes, Buffer.prototype);

// Node takes both alphabets for both encodings.
const toStandard = (text) => text.replaceAll('-', '+').replaceAll('_', '/');

const { from, isEncoding, byteLength } = Buffer;
const { toString, write, fill, indexOf, lastIndexOf } = Buffer.prototype;

function replace(target, functions) {
  for (const [name, value] of Object.entries(functions)) {
    Object.defineProperty(target, name, { value, writable: true, configurable: true });
  }
}

const plain = (encoding) => (isBase64Url(encoding) ? 'base64' : encoding);

replace(Buffer, {
  from(value, encoding, length) {
    if (typeof value !== 'string') return from(value, encoding, length);
    if (isUtf8Name(encoding)) return wrap(encode(value));
    return isBase64Url(encoding) || isBase64(encoding) ? from(toStandard(value), 'base64') : from(value, encoding);
  },

  isEncoding: (encoding) => isBase64Url(encoding) || isEncoding(encoding),

  byteLength(value, encoding) {
    if (typeof value !== 'string') return byteLength(value, encoding);
    return isUtf8Name(encoding) ? encode(value).length : byteLength(value, plain(encoding));
  },
});

replace(Buffer.prototype, {
  toString(encoding, start = 0, end = this.length) {
    const [first, last] = [Math.max(0, start), Math.min(end, this.length)];
    if (first >= last) return '';
    if (isUtf8Name(encoding)) return decode(this.subarray(first, last));
    if (isBase64(encoding)) return this.subarray(first, last).toBase64();
    if (isBase64Url(encoding)) return this.subarray(first, last).toBase64({ alphabet: 'base64url', omitPadding: true });
    return toString.call(this, encoding, start, end);
  },

  write(text, ...rest) {
    const url = rest.findIndex(isBase64Url);
    if (url === -1) return write.call(this, text, ...rest);
    rest[url] = 'base64';
    return write.call(this, toStandard(text), ...rest);
  },

  fill(value, ...rest) {
    return fill.call(
      this,
      typeof value === 'string' && rest.some(isBase64Url) ? Buffer.from(value, 'base64url') : value,
      ...rest.map(plain),
    );
  },

  indexOf(value, from, encoding) {
    return indexOf.call(this, value, from, plain(encoding));
  },

  lastIndexOf(value, from, encoding) {
    return lastIndexOf.call(this, value, from, plain(encoding));
  },

  [inspect.custom]() {
    const shown = [...this.subarray(0, INSPECT_MAX_BYTES)].map((byte) => byte.toString(16).padStart(2, '0'));
    const more = this.length - INSPECT_MAX_BYTES;
    if (more > 0) shown.push(`... ${more} more byte${more > 1 ? 's' : ''}`);
    return `<Buffer${shown.length > 0 ? ' ' : ''}${shown.join(' ')}>`;
  },
});

const viewOf = (input) =>
  ArrayBuffer.isView(input) ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength) : new Uint8Array(input);

const isAscii = (input) => viewOf(input).every((byte) => byte < 0x80);

function isUtf8(input) {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(input);
    return true;
  } catch {
    return false;
  }
}

const transcode = (source, from, to) => Buffer.from(wrap(viewOf(source)).toString(from), to);

const constants = { MAX_LENGTH: kMaxLength, MAX_STRING_LENGTH: 2 ** 29 - 24 };
const kStringMaxLength = constants.MAX_STRING_LENGTH;
const { atob, btoa } = globalThis;

export {
  Blob,
  Buffer,
  File,
  INSPECT_MAX_BYTES,
  SlowBuffer,
  atob,
  btoa,
  constants,
  isAscii,
  isUtf8,
  kMaxLength,
  kStringMaxLength,
  transcode,
};

export default {
  Blob,
  Buffer,
  File,
  INSPECT_MAX_BYTES,
  SlowBuffer,
  atob,
  btoa,
  constants,
  isAscii,
  isUtf8,
  kMaxLength,
  kStringMaxLength,
  transcode,
};
