// crypto.subtle: digests, HMAC, AES-GCM, AES-CBC, PBKDF2 and HKDF. Key pairs (RSA, elliptic curves) are not there.

import { aes } from './aes.js';
import { hkdfOf, pbkdf2Of } from './derive.js';
import { define } from './globals.js';
import { host } from './host.js';
import { randomBytes } from './random.js';

const HASHES = { 'SHA-1': 'sha1', 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512' };
const BLOCKS = { 'SHA-1': 64, 'SHA-256': 64, 'SHA-384': 128, 'SHA-512': 128 };
const SYMMETRIC = ['AES-GCM', 'AES-CBC'];
const DERIVING = ['PBKDF2', 'HKDF'];

const fail = (name, message) => {
  throw new DOMException(message, name);
};
const notSupported = (what) => fail('NotSupportedError', `${what} is not supported`);

const named = (algorithm) => {
  const { name, ...rest } = typeof algorithm === 'string' ? { name: algorithm } : algorithm;
  return { ...rest, name: String(name).toUpperCase() };
};

const hashOf = (hash) => {
  const { name } = named(hash);
  return HASHES[name] ? name : notSupported(`The digest ${name}`);
};

/** A copy, as nothing done to the data later may change what comes out. */
const bytesOf = (data) => {
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  if (data instanceof ArrayBuffer) return new Uint8Array(data.slice());
  throw new TypeError('The data is no BufferSource');
};

const bufferOf = (bytes) => bytes.slice().buffer;

let secretOf;

export class CryptoKey {
  #secret;

  constructor(secret, algorithm, extractable, usages) {
    if (!(secret instanceof Uint8Array)) throw new TypeError('Illegal constructor');
    this.#secret = secret;
    Object.assign(this, { type: 'secret', extractable: Boolean(extractable), algorithm, usages: [...usages] });
    Object.freeze(this);
  }

  static {
    secretOf = (key) => key.#secret;
  }

  get [Symbol.toStringTag]() {
    return 'CryptoKey';
  }
}

const allow = (key, algorithm, usage) => {
  const { name } = key.algorithm;
  if (name !== algorithm.name) fail('InvalidAccessError', `The key is for ${name}, not for ${algorithm.name}`);
  if (!key.usages.includes(usage)) fail('InvalidAccessError', `The key is not for: ${usage}`);
};

/** What a key's algorithm is, from what was asked for. */
const algorithmOf = (given, length) => {
  const { name, hash } = given;
  if (name === 'HMAC') return { name, hash: { name: hashOf(hash) }, length };
  if (SYMMETRIC.includes(name)) {
    return [128, 192, 256].includes(length) ? { name, length } : fail('DataError', 'The key has no possible length');
  }
  return DERIVING.includes(name) ? { name } : notSupported(name);
};

const codeOf = (key, data) => host.hmac(HASHES[key.algorithm.hash.name], secretOf(key), bytesOf(data));

const cipherOf = (algorithm, key) => {
  if (algorithm.name === 'AES-CBC') return aes().cbc(secretOf(key), bytesOf(algorithm.iv));
  if ((algorithm.tagLength ?? 128) !== 128) notSupported('A tag of other than 128 bits');
  return aes().gcm(secretOf(key), bytesOf(algorithm.iv), algorithm.additionalData && bytesOf(algorithm.additionalData));
};

const derive = (algorithm, key, bits) => {
  const hash = HASHES[hashOf(algorithm.hash)];
  const salt = bytesOf(algorithm.salt);
  if (algorithm.name === 'PBKDF2') return pbkdf2Of(hash, secretOf(key), salt, algorithm.iterations, bits / 8);
  return hkdfOf(hash, secretOf(key), salt, bytesOf(algorithm.info), bits / 8);
};

const lengthOf = ({ name, hash, length }) => length ?? (name === 'HMAC' ? BLOCKS[hashOf(hash)] * 8 : 256);

export const subtle = {
  async digest(algorithm, data) {
    return bufferOf(host.digest(HASHES[hashOf(algorithm)], bytesOf(data)));
  },

  async importKey(format, data, given, extractable, usages) {
    const algorithm = named(given);
    if (format !== 'raw' && format !== 'jwk') notSupported(`The format ${format} of keys`);
    if (format === 'jwk' && data.kty !== 'oct') notSupported(`A key of the kind ${data.kty}`);
    const secret = format === 'raw' ? bytesOf(data) : Uint8Array.fromBase64(data.k, { alphabet: 'base64url' });
    return new CryptoKey(secret, algorithmOf(algorithm, secret.length * 8), extractable, usages);
  },

  async exportKey(format, key) {
    if (!key.extractable) fail('InvalidAccessError', 'The key is not extractable');
    if (format === 'raw') return bufferOf(secretOf(key));
    if (format !== 'jwk') notSupported(`The format ${format} of keys`);
    const k = secretOf(key).toBase64({ alphabet: 'base64url', omitPadding: true });
    return { kty: 'oct', k, ext: true, key_ops: key.usages };
  },

  async generateKey(given, extractable, usages) {
    const algorithm = named(given);
    if (algorithm.name !== 'HMAC' && !SYMMETRIC.includes(algorithm.name)) notSupported(algorithm.name);
    const length = lengthOf(algorithm);
    return new CryptoKey(randomBytes(length / 8), algorithmOf(algorithm, length), extractable, usages);
  },

  async sign(given, key, data) {
    const algorithm = named(given);
    if (algorithm.name !== 'HMAC') notSupported(algorithm.name);
    allow(key, algorithm, 'sign');
    return bufferOf(codeOf(key, data));
  },

  async verify(given, key, signature, data) {
    const algorithm = named(given);
    if (algorithm.name !== 'HMAC') notSupported(algorithm.name);
    allow(key, algorithm, 'verify');
    const [told, right] = [bytesOf(signature), codeOf(key, data)];
    return told.length === right.length && told.reduce((difference, byte, place) => difference | (byte ^ right[place]), 0) === 0;
  },

  async encrypt(given, key, data) {
    const algorithm = named(given);
    if (!SYMMETRIC.includes(algorithm.name)) notSupported(algorithm.name);
    allow(key, algorithm, 'encrypt');
    return bufferOf(cipherOf(algorithm, key).encrypt(bytesOf(data)));
  },

  async decrypt(given, key, data) {
    const algorithm = named(given);
    if (!SYMMETRIC.includes(algorithm.name)) notSupported(algorithm.name);
    allow(key, algorithm, 'decrypt');
    try {
      return bufferOf(cipherOf(algorithm, key).decrypt(bytesOf(data)));
    } catch {
      return fail('OperationError', 'The operation failed for an operation-specific reason');
    }
  },

  async deriveBits(given, key, bits) {
    const algorithm = named(given);
    if (!DERIVING.includes(algorithm.name)) notSupported(algorithm.name);
    allow(key, algorithm, 'deriveBits');
    return bufferOf(derive(algorithm, key, bits));
  },

  async deriveKey(given, key, wanted, extractable, usages) {
    const algorithm = named(given);
    if (!DERIVING.includes(algorithm.name)) notSupported(algorithm.name);
    allow(key, algorithm, 'deriveKey');
    const made = named(wanted);
    const secret = derive(algorithm, key, lengthOf(made));
    return new CryptoKey(secret, algorithmOf(made, secret.length * 8), extractable, usages);
  },

  wrapKey: async () => notSupported('wrapKey'),
  unwrapKey: async () => notSupported('unwrapKey'),
};

define({ CryptoKey });
