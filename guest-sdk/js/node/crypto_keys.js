// Secret keys of node:crypto.

import { Buffer } from './buffer.js';

export class KeyObject {
  #bytes;

  constructor(bytes) {
    this.#bytes = Buffer.from(bytes);
  }

  get type() {
    return 'secret';
  }

  get symmetricKeySize() {
    return this.#bytes.length;
  }

  export({ format = 'buffer' } = {}) {
    if (format === 'jwk') return { kty: 'oct', k: this.#bytes.toString('base64url') };
    return Buffer.from(this.#bytes);
  }
}

export const createSecretKey = (key, encoding) => new KeyObject(bytesOf(key, encoding));

/** The bytes of a key, a string or other data. */
export function bytesOf(data, encoding) {
  if (data instanceof KeyObject) return data.export();
  if (typeof data === 'string') return Buffer.from(data, encoding === 'buffer' ? 'utf8' : encoding);
  if (data instanceof Uint8Array) return data;
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  const error = new TypeError('The data must be a string, bytes or a KeyObject.');
  throw Object.assign(error, { code: 'ERR_INVALID_ARG_TYPE' });
}
