// TextEncoder and TextDecoder. The encodings are the host's.

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
    if (!(into instanceof Uint8Array)) throw new TypeError('The "dest" argument must be an instance of Uint8Array.');
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

// What the host calls an encoding by any of its labels.
const encodingOf = (label) => {
  const name = host.encodingName(String(label));
  if (name) return name;
  const error = new RangeError(`The "${label}" encoding is not supported`);
  throw Object.assign(error, { code: 'ERR_ENCODING_NOT_SUPPORTED' });
};

export class TextDecoder {
  #encoding;
  #fatal;
  #keepsMark;
  // Made for the first piece that is not a whole text as UTF-8, which needs none.
  #decoder;

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
    const bytes = bytesOf(data);
    const goesOn = Boolean(options?.stream);
    if (!this.#decoder && !goesOn && this.#encoding === 'utf-8') {
      const text = host.decode(bytes, this.#fatal);
      return !this.#keepsMark && text.startsWith('\ufeff') ? text.slice(1) : text;
    }
    this.#decoder ??= host.decoder(this.#encoding, this.#keepsMark);
    return this.#decoder(bytes, !goesOn, this.#fatal);
  }

  get [Symbol.toStringTag]() {
    return 'TextDecoder';
  }
}

define({ TextEncoder, TextDecoder });
