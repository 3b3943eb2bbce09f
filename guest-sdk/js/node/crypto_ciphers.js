// AES of node:crypto, on the package @noble/ciphers.

import { aes } from '../platform/aes.js';
import { join } from '../platform/streams.js';
import { Buffer } from './buffer.js';
import { bytesOf } from './crypto_keys.js';

const MODES = ['cbc', 'ctr', 'gcm'];
const SIZES = [128, 192, 256];

// What GCM puts behind the text.
const TAG = 16;

export const getCiphers = () => SIZES.flatMap((size) => MODES.map((mode) => `aes-${size}-${mode}`));

class Cipher {
  #make;
  #pieces = [];
  #aad;
  #tag;

  constructor(algorithm, key, iv) {
    const [, size, mode] = /^aes-?(128|192|256)-(cbc|ctr|gcm)$/.exec(String(algorithm).toLowerCase()) ?? [];
    if (!mode) throw Object.assign(new Error(`Unknown cipher: ${algorithm}`), { code: 'ERR_CRYPTO_UNKNOWN_CIPHER' });
    const secret = bytesOf(key).slice();
    if (secret.length * 8 !== Number(size)) {
      throw Object.assign(new RangeError('Invalid key length'), { code: 'ERR_CRYPTO_INVALID_KEYLEN' });
    }
    const start = bytesOf(iv).slice();
    this.mode = mode;
    this.isPadded = true;
    this.#make = () => {
      if (mode === 'gcm') return aes().gcm(secret, start, this.#aad);
      return aes()[mode](secret, start, mode === 'cbc' ? { disablePadding: !this.isPadded } : undefined);
    };
  }

  setAAD(data) {
    this.#aad = bytesOf(data).slice();
    return this;
  }

  setAutoPadding(isPadded = true) {
    this.isPadded = isPadded;
    return this;
  }

  /** Keeps it: the whole comes at the end. */
  update(data, from, to) {
    this.#pieces.push(bytesOf(data, from).slice());
    return to && to !== 'buffer' ? '' : Buffer.alloc(0);
  }

  final(to) {
    const result = this.finish(this.#make(), join(this.#pieces));
    const buffer = Buffer.from(result.buffer, result.byteOffset, result.byteLength);
    return to && to !== 'buffer' ? buffer.toString(to) : buffer;
  }

  getAuthTag() {
    return Buffer.from(this.#tag);
  }

  setAuthTag(tag, encoding) {
    this.#tag = bytesOf(tag, encoding).slice();
    return this;
  }

  get tag() {
    return this.#tag;
  }
}

export class Cipheriv extends Cipher {
  finish(cipher, text) {
    const sealed = cipher.encrypt(text);
    if (this.mode !== 'gcm') return sealed;
    this.setAuthTag(sealed.subarray(sealed.length - TAG));
    return sealed.subarray(0, sealed.length - TAG);
  }
}

export class Decipheriv extends Cipher {
  finish(cipher, text) {
    try {
      return cipher.decrypt(this.mode === 'gcm' ? join([text, this.tag ?? new Uint8Array()]) : text);
    } catch (cause) {
      const message = this.mode === 'gcm' ? 'Unsupported state or unable to authenticate data' : 'bad decrypt';
      throw new Error(message, { cause });
    }
  }
}

export const createCipheriv = (algorithm, key, iv) => new Cipheriv(algorithm, key, iv);
export const createDecipheriv = (algorithm, key, iv) => new Decipheriv(algorithm, key, iv);
