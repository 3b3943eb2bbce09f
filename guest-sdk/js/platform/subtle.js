// crypto.subtle: digests, HMAC, AES-GCM, AES-CBC, AES-KW, PBKDF2 and HKDF, and key pairs, which are in a file of their own.

import { aes } from './aes.js';
import { hkdfOf, pbkdf2Of } from './derive.js';
import { decode, encode } from './encoding.js';
import { define } from './globals.js';
import { host } from './host.js';
import { randomBytes } from './random.js';
import * as pairs from './subtle_pairs.js';

const HASHES = { 'SHA-1': 'sha1', 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512' };
const BLOCKS = { 'SHA-1': 64, 'SHA-256': 64, 'SHA-384': 128, 'SHA-512': 128 };
const SYMMETRIC = ['AES-GCM', 'AES-CBC', 'AES-KW'];
const DERIVING = ['PBKDF2', 'HKDF'];

const fail = (name, message) => {
  throw new DOMException(message, name);
};
const notSupported = (what) => fail('NotSupportedError', `${what} is not supported`);

const named = (algorithm) => {
  const { name, ...rest } = typeof algorithm === 'string' ? { name: algorithm } : algorithm;
  return { ...rest, name: pairs.canonical(String(name)) };
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

/** What only we can make keys with. */
const ours = Symbol('ours');

let secretOf;

export class CryptoKey {
  #secret;

  /** `secret` is bytes, or a key of a pair. */
  constructor(maker, secret, algorithm, extractable, usages) {
    if (maker !== ours) throw new TypeError('Illegal constructor');
    this.#secret = secret;
    const type = secret instanceof Uint8Array ? 'secret' : secret.isPrivate ? 'private' : 'public';
    Object.assign(this, { type, extractable: Boolean(extractable), algorithm, usages: [...usages] });
    Object.freeze(this);
  }

  static {
    secretOf = (key) => key.#secret;
  }

  get [Symbol.toStringTag]() {
    return 'CryptoKey';
  }
}

/** A key, of what it is made of. */
export const keyOf = (secret, algorithm, extractable, usages) => new CryptoKey(ours, secret, algorithm, extractable, usages);

const pairKey = ({ pair, algorithm, usages }, extractable) => keyOf(pair, algorithm, extractable, usages);

const allow = (key, algorithm, usage) => {
  const { name } = key.algorithm;
  if (name !== algorithm.name) fail('InvalidAccessError', `The key is for ${name}, not for ${algorithm.name}`);
  if (!key.usages.includes(usage)) fail('InvalidAccessError', `The key is not for: ${usage}`);
};

/** What a key's algorithm is, from what was asked for. */
const algorithmOf = (given, length) => {
  const { name, hash } = given;
  if (name === 'HMAC') return length === 0 ? fail('DataError', 'A key has at least one byte') : { name, hash: { name: hashOf(hash) }, length };
  if (SYMMETRIC.includes(name)) {
    return [128, 192, 256].includes(length) ? { name, length } : fail('DataError', 'The key has no possible length');
  }
  return DERIVING.includes(name) ? { name } : notSupported(name);
};

const codeOf = (key, data) => host.hmac(HASHES[key.algorithm.hash.name], secretOf(key), bytesOf(data));

const cipherOf = (algorithm, key) => {
  if (algorithm.name === 'AES-KW') return aes().aeskw(secretOf(key));
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

/** With the digest as an object, where there is one. */
const settled = (algorithm) => (algorithm.hash === undefined ? algorithm : { ...algorithm, hash: { name: hashOf(algorithm.hash) } });

const hashName = (hash) => (hash === undefined ? undefined : HASHES[hashOf(hash)]);

const oaep = ({ label }, key) => [secretOf(key), HASHES[key.algorithm.hash.name], label === undefined ? new Uint8Array() : bytesOf(label)];

function encryptBy(algorithm, key, data) {
  if (algorithm.name === 'RSA-OAEP') return pairs.encryptByPair(...oaep(algorithm, key), data);
  if (!SYMMETRIC.includes(algorithm.name)) notSupported(algorithm.name);
  return cipherOf(algorithm, key).encrypt(data);
}

function decryptBy(algorithm, key, data) {
  if (algorithm.name === 'RSA-OAEP') return pairs.decryptByPair(...oaep(algorithm, key), data);
  if (!SYMMETRIC.includes(algorithm.name)) notSupported(algorithm.name);
  try {
    return cipherOf(algorithm, key).decrypt(data);
  } catch {
    return fail('OperationError', 'The operation failed for an operation-specific reason');
  }
}

function deriveBy(algorithm, key, bits) {
  if (algorithm.name === 'ECDH' || algorithm.name === 'X25519') return pairs.agreeByPair(secretOf(key), secretOf(algorithm.public), bits);
  if (!DERIVING.includes(algorithm.name)) notSupported(algorithm.name);
  return derive(algorithm, key, bits);
}

/** AES-KW is for keys alone. */
const forData = ({ name }) => (name === 'AES-KW' ? notSupported(name) : undefined);

const lengthOf = ({ name, hash, length }) => length ?? (name === 'HMAC' ? BLOCKS[hashOf(hash)] * 8 : 256);

export const subtle = {
  async digest(algorithm, data) {
    return bufferOf(host.digest(HASHES[hashOf(algorithm)], bytesOf(data)));
  },

  async importKey(format, data, given, extractable, usages) {
    const algorithm = settled(named(given));
    if (pairs.isPaired(algorithm.name)) {
      if (!['spki', 'pkcs8', 'raw', 'jwk'].includes(format)) notSupported(`The format ${format} of keys`);
      return pairKey({ ...pairs.importPair(format, format === 'jwk' ? data : bytesOf(data), algorithm, usages), usages }, extractable);
    }
    if (format !== 'raw' && format !== 'jwk') notSupported(`The format ${format} of keys`);
    if (format === 'jwk' && data.kty !== 'oct') notSupported(`A key of the kind ${data.kty}`);
    const secret = format === 'raw' ? bytesOf(data) : Uint8Array.fromBase64(data.k, { alphabet: 'base64url' });
    return keyOf(secret, algorithmOf(algorithm, secret.length * 8), extractable, usages);
  },

  async exportKey(format, key) {
    if (!key.extractable) fail('InvalidAccessError', 'The key is not extractable');
    if (key.type !== 'secret') {
      const exported = pairs.exportPair(format, secretOf(key), key.algorithm, key.usages);
      return format === 'jwk' ? exported : bufferOf(exported);
    }
    if (format === 'raw') return bufferOf(secretOf(key));
    if (format !== 'jwk') notSupported(`The format ${format} of keys`);
    const k = secretOf(key).toBase64({ alphabet: 'base64url', omitPadding: true });
    return { kty: 'oct', k, ext: true, key_ops: key.usages };
  },

  async generateKey(given, extractable, usages) {
    const algorithm = settled(named(given));
    if (pairs.isPaired(algorithm.name)) {
      const made = pairs.generatePair(algorithm, usages);
      return { publicKey: pairKey(made.public, true), privateKey: pairKey(made.private, extractable) };
    }
    if (algorithm.name !== 'HMAC' && !SYMMETRIC.includes(algorithm.name)) notSupported(algorithm.name);
    const length = lengthOf(algorithm);
    return keyOf(randomBytes(length / 8), algorithmOf(algorithm, length), extractable, usages);
  },

  async sign(given, key, data) {
    const algorithm = named(given);
    if (algorithm.name !== 'HMAC' && !pairs.isPaired(algorithm.name)) notSupported(algorithm.name);
    allow(key, algorithm, 'sign');
    if (key.type === 'secret') return bufferOf(codeOf(key, data));
    return bufferOf(pairs.signByPair(algorithm, key, secretOf(key), bytesOf(data), hashName));
  },

  async verify(given, key, signature, data) {
    const algorithm = named(given);
    if (algorithm.name !== 'HMAC' && !pairs.isPaired(algorithm.name)) notSupported(algorithm.name);
    allow(key, algorithm, 'verify');
    if (key.type !== 'secret') return pairs.verifyByPair(algorithm, key, secretOf(key), [bytesOf(data), bytesOf(signature)], hashName);
    const [told, right] = [bytesOf(signature), codeOf(key, data)];
    return told.length === right.length && told.reduce((difference, byte, place) => difference | (byte ^ right[place]), 0) === 0;
  },

  async encrypt(given, key, data) {
    const algorithm = named(given);
    forData(algorithm);
    allow(key, algorithm, 'encrypt');
    return bufferOf(encryptBy(algorithm, key, bytesOf(data)));
  },

  async decrypt(given, key, data) {
    const algorithm = named(given);
    forData(algorithm);
    allow(key, algorithm, 'decrypt');
    return bufferOf(decryptBy(algorithm, key, bytesOf(data)));
  },

  async deriveBits(given, key, bits = null) {
    const algorithm = named(given);
    allow(key, algorithm, 'deriveBits');
    return bufferOf(deriveBy(algorithm, key, bits));
  },

  async deriveKey(given, key, wanted, extractable, usages) {
    const algorithm = named(given);
    allow(key, algorithm, 'deriveKey');
    const made = settled(named(wanted));
    // A key to derive others from takes all that two keys agree on.
    const takesAll = key.type === 'private' && DERIVING.includes(made.name);
    const secret = deriveBy(algorithm, key, takesAll ? null : lengthOf(made));
    return keyOf(secret, algorithmOf(made, secret.length * 8), extractable, usages);
  },

  async wrapKey(format, key, wrapping, given) {
    const algorithm = named(given);
    allow(wrapping, algorithm, 'wrapKey');
    const exported = await subtle.exportKey(format, key);
    const bytes = format === 'jwk' ? encode(JSON.stringify(exported)) : new Uint8Array(exported);
    return bufferOf(encryptBy(algorithm, wrapping, bytes));
  },

  async unwrapKey(format, wrapped, wrapping, given, ...wanted) {
    const algorithm = named(given);
    allow(wrapping, algorithm, 'unwrapKey');
    const bytes = decryptBy(algorithm, wrapping, bytesOf(wrapped));
    return subtle.importKey(format, format === 'jwk' ? JSON.parse(decode(bytes)) : bytes, ...wanted);
  },
};

export { secretOf };

define({ CryptoKey });
