// Keys of node:crypto: secret ones, and those of pairs.

import { host } from '../platform/host.js';
import { fromJwk, rsaDetails, toJwk } from '../platform/key_pairs.js';
import { keyOf, secretOf } from '../platform/subtle.js';
import { Buffer } from './buffer.js';
import { fromPem, isPem, toPem } from './crypto_pem.js';

const NAMES = { rsa: 'rsa', 'P-256': 'ec', 'P-384': 'ec', 'P-521': 'ec', Ed25519: 'ed25519', X25519: 'x25519' };

/** OpenSSL's names of curves. */
export const CURVES = { 'P-256': 'prime256v1', 'P-384': 'secp384r1', 'P-521': 'secp521r1' };

/** The bytes themselves as a Buffer. */
export const bufferOf = (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export const failure = (type, code, message) => Object.assign(new type(message), { code });

export class KeyObject {
  #bytes;
  #pair;

  /** `inner` is the bytes of a secret key, or a key of a pair as the host has it. */
  constructor(type, inner) {
    if (!['secret', 'public', 'private'].includes(type)) {
      throw failure(TypeError, 'ERR_INVALID_ARG_VALUE', `The argument 'type' is invalid. Received ${type}`);
    }
    this.type = type;
    if (type === 'secret') this.#bytes = Buffer.from(inner);
    else this.#pair = inner;
  }

  static from(key) {
    return new KeyObject(key.type, secretOf(key));
  }

  /** The key of a pair; nothing for secret ones. */
  static pairOf(key) {
    return key.#pair;
  }

  get asymmetricKeyType() {
    return this.#pair && NAMES[this.#pair.kind];
  }

  get asymmetricKeyDetails() {
    if (!this.#pair) return undefined;
    if (this.#pair.kind !== 'rsa') return CURVES[this.#pair.kind] ? { namedCurve: CURVES[this.#pair.kind] } : {};
    const { modulusLength, publicExponent } = rsaDetails(this.#pair);
    return { modulusLength, publicExponent: publicExponent.reduce((number, byte) => number * 256n + BigInt(byte), 0n) };
  }

  get symmetricKeySize() {
    return this.#bytes?.length;
  }

  export(options = {}) {
    if (this.#pair) return exported(this.#pair, options);
    if (options.format === 'jwk') return { kty: 'oct', k: this.#bytes.toString('base64url') };
    return Buffer.from(this.#bytes);
  }

  equals(other) {
    if (this.type !== other.type) return false;
    const [one, another] = [this, other].map((key) => key.#bytes ?? key.#pair.der);
    return Buffer.compare(one, another) === 0;
  }

  toCryptoKey(algorithm, extractable, usages) {
    return keyOf(this.#pair ?? new Uint8Array(this.#bytes), algorithm, extractable, usages);
  }

  get [Symbol.toStringTag]() {
    return 'KeyObject';
  }
}

function exported(pair, { format, type, cipher, passphrase }) {
  if (cipher !== undefined || passphrase !== undefined) {
    throw failure(Error, 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM', 'keys can not be encrypted in the sandbox');
  }
  if (format === 'jwk') return toJwk(pair);
  if (format !== 'pem' && format !== 'der') {
    throw failure(TypeError, 'ERR_INVALID_ARG_VALUE', `The property 'options.format' is invalid. Received ${format}`);
  }
  const usual = pair.isPrivate ? 'pkcs8' : 'spki';
  if (![usual, 'pkcs1', ...(pair.isPrivate ? ['sec1'] : [])].includes(type)) {
    throw failure(TypeError, 'ERR_INVALID_ARG_VALUE', `The property 'options.type' is invalid. Received ${type}`);
  }
  if (type !== usual && (type === 'pkcs1') !== (pair.kind === 'rsa')) {
    throw failure(Error, 'ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS', `The selected key encoding ${type} can not be used for this kind of key.`);
  }
  const der = type === usual ? pair.der : host.writeKey(type, pair.der, pair.isPrivate);
  return format === 'der' ? bufferOf(der) : toPem(der, type, pair.isPrivate);
}

export const createSecretKey = (key, encoding) => new KeyObject('secret', bytesOf(key, encoding));

const unreadable = (cause) =>
  Object.assign(new Error(`error:1E08010C:DECODER routines::unsupported: ${cause.message}`, { cause }), { code: 'ERR_OSSL_UNSUPPORTED' });

/** A key of a pair, from all that a key may be given as. */
export function pairOf(given, wants) {
  if (given instanceof KeyObject) return asWanted(KeyObject.pairOf(given), wants, given.type);
  if (given instanceof CryptoKey) return asWanted(secretOf(given), wants, given.type);
  const isOptions = typeof given === 'object' && given !== null && given.key !== undefined;
  const { key, format, type } = isOptions ? given : { key: given };
  if (key instanceof KeyObject || key instanceof CryptoKey) return pairOf(key, wants);
  return asWanted(read(key, format, type, wants), wants, 'private');
}

function read(key, format, type, wants) {
  try {
    if (format === 'jwk') return fromJwk(key);
    const bytes = bytesOf(key);
    if (format === 'der') return host.readKey(formOf(type, wants), bytes);
    const text = bufferOf(bytes).toString('latin1');
    if (!isPem(text)) throw new Error('it is no PEM');
    return fromPem(text);
  } catch (cause) {
    throw cause.code ? cause : unreadable(cause);
  }
}

const formOf = (type, wants) => (type === 'pkcs1' ? `pkcs1-${wants}` : (type ?? (wants === 'private' ? 'pkcs8' : 'spki')));

/** A private key stands for its public one, too. */
function asWanted(pair, wants, type) {
  if (!pair || typeof pair.kind !== 'string' || (wants === 'private' && !pair.isPrivate)) {
    throw failure(TypeError, 'ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE', `Invalid key object type ${pair?.isPrivate === false ? 'public' : type}, expected ${wants}.`);
  }
  return wants === 'public' && pair.isPrivate ? host.publicKey(pair.der) : pair;
}

export const createPrivateKey = (key) => new KeyObject('private', pairOf(key, 'private'));
export const createPublicKey = (key) => new KeyObject('public', pairOf(key, 'public'));

/** The bytes of a key, a string or other data. */
export function bytesOf(data, encoding) {
  if (data instanceof KeyObject && data.type === 'secret') return data.export();
  if (typeof data === 'string') return Buffer.from(data, encoding === 'buffer' ? 'utf8' : encoding);
  if (data instanceof Uint8Array) return data;
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  throw failure(TypeError, 'ERR_INVALID_ARG_TYPE', 'The data must be a string, bytes or a KeyObject.');
}
