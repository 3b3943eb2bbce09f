// TextEncoder and TextDecoder: UTF-8, UTF-16 and Windows' Latin 1. Other encodings are for packages such as iconv-lite.

import { define } from './globals.js';
import { host } from './host.js';

const bytesOf = (data) => {
  if (data === undefined) return new Uint8Array();
  if (data instanceof Uint8Array) return data;
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  throw new TypeError('The "input" argument must be an instance of ArrayBuffer or ArrayBufferView.');
};

/** A string as UTF-8. */
export function encode(text) {
  return host.encode(String(text));
}

/** UTF-8 as a string. */
export function decode(bytes) {
  return host.decode(bytes, false);
}

export class TextEncoder {
  get encoding() {
    return 'utf-8';
  }

  encode(text = '') {
    return encode(text);
  }

  encodeInto(given, into) {
    const text = String(given);
    const bytes = encode(text);
    if (bytes.length <= into.length) {
      into.set(bytes);
      return { read: text.length, written: bytes.length };
    }
    // As many whole characters as there is room for.
    let written = into.length;
    while (written > 0 && (bytes[written] & 0xc0) === 0x80) written -= 1;
    into.set(bytes.subarray(0, written));
    return { read: decode(bytes.subarray(0, written)).length, written };
  }

  get [Symbol.toStringTag]() {
    return 'TextEncoder';
  }
}

// How many bytes at the end are the beginning of a character that may go on.
function unfinishedUtf8(bytes) {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back];
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

// Windows' characters in place of the controls 80 to 9F; the holes stay.
const WINDOWS =
  '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

const MOST_ARGUMENTS = 8192;

const fromUnits = (units) => {
  let text = '';
  for (let at = 0; at < units.length; at += MOST_ARGUMENTS) {
    text += String.fromCharCode(...units.subarray(at, at + MOST_ARGUMENTS));
  }
  return text;
};

const fromUtf16 = (isLittle) => (bytes, fatal) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const units = Uint16Array.from({ length: bytes.length >> 1 }, (_, place) => view.getUint16(place * 2, isLittle));
  const text = fromUnits(units) + (bytes.length % 2 === 1 ? '\ufffd' : '');
  if (fatal && (bytes.length % 2 === 1 || !text.isWellFormed())) {
    throw new TypeError('The encoded data was not valid for encoding utf-16');
  }
  return text.toWellFormed();
};

const unfinishedUtf16 = (isLittle) => (bytes) => {
  const odd = bytes.length % 2;
  const high = bytes[bytes.length - odd - (isLittle ? 1 : 2)];
  return odd + (high >= 0xd8 && high <= 0xdb ? 2 : 0);
};

const encodings = {
  'utf-8': { decode: (bytes, fatal) => host.decode(bytes, fatal), unfinished: unfinishedUtf8 },
  'utf-16le': { decode: fromUtf16(true), unfinished: unfinishedUtf16(true) },
  'utf-16be': { decode: fromUtf16(false), unfinished: unfinishedUtf16(false) },
  'windows-1252': {
    decode: (bytes) => fromUnits(bytes).replace(/[\x80-\x9f]/g, (control) => WINDOWS[control.charCodeAt(0) - 0x80]),
    unfinished: () => 0,
  },
};

const labels = {
  'utf-8': ['utf-8', 'utf8', 'unicode-1-1-utf-8', 'unicode11utf8', 'unicode20utf8', 'x-unicode20utf8'],
  'utf-16le': ['utf-16le', 'utf-16', 'ucs-2', 'unicode', 'csunicode', 'iso-10646-ucs-2', 'unicodefeff'],
  'utf-16be': ['utf-16be', 'unicodefffe'],
  'windows-1252': ['windows-1252', 'latin1', 'l1', 'iso-8859-1', 'iso8859-1', 'iso88591', 'ascii', 'us-ascii', 'cp1252', 'x-cp1252'],
};

const encodingOf = (label) => {
  const wanted = String(label).trim().toLowerCase();
  const found = Object.keys(labels).find((name) => labels[name].includes(wanted));
  if (found) return found;
  const error = new RangeError(`The "${label}" encoding is not supported`);
  throw Object.assign(error, { code: 'ERR_ENCODING_NOT_SUPPORTED' });
};

export class TextDecoder {
  #encoding;
  #fatal;
  #keepsMark;
  #rest = new Uint8Array();
  #atStart = true;

  constructor(label = 'utf-8', options = {}) {
    this.#encoding = encodingOf(label);
    this.#fatal = Boolean(options?.fatal);
    this.#keepsMark = Boolean(options?.ignoreBOM);
  }

  get encoding() {
    return this.#encoding;
  }

  get fatal() {
    return this.#fatal;
  }

  get ignoreBOM() {
    return this.#keepsMark;
  }

  decode(data, options = {}) {
    const { decode, unfinished } = encodings[this.#encoding];
    let bytes = this.#join(bytesOf(data));
    const later = options?.stream ? unfinished(bytes) : 0;
    this.#rest = bytes.slice(bytes.length - later);
    bytes = bytes.subarray(0, bytes.length - later);
    let text = decode(bytes, this.#fatal);
    if (this.#atStart && !this.#keepsMark && text.startsWith('\ufeff')) text = text.slice(1);
    this.#atStart = options?.stream ? this.#atStart && bytes.length === 0 : true;
    return text;
  }

  #join(bytes) {
    if (this.#rest.length === 0) return bytes;
    const joined = new Uint8Array(this.#rest.length + bytes.length);
    joined.set(this.#rest);
    joined.set(bytes, this.#rest.length);
    return joined;
  }

  get [Symbol.toStringTag]() {
    return 'TextDecoder';
  }
}

define({ TextEncoder, TextDecoder });
