// Key pairs of node:crypto: making them, encryption by RSA, and what two keys agree on.

import { host } from '../platform/host.js';
import { Buffer } from './buffer.js';
import { constants } from './crypto_constants.js';
import { nameOf } from './crypto_hash.js';
import { CURVES, KeyObject, bufferOf, bytesOf, failure, pairOf } from './crypto_keys.js';
import { calledBack } from './crypto_random.js';
import { promisify } from './promisify.js';

/** The host's name of a curve, from OpenSSL's or the standard's. */
function curveOf(name) {
  const found = Object.keys(CURVES).find((each) => each === name || CURVES[each] === name);
  if (found) return found;
  throw failure(TypeError, 'ERR_CRYPTO_INVALID_CURVE', `Invalid EC curve name: ${name}; there are ${getCurves().join(', ')}`);
}

export const getCurves = () => Object.values(CURVES);

function natural(name, number) {
  if (Number.isInteger(number) && number >= 0 && number < 2 ** 32) return number;
  throw failure(TypeError, 'ERR_INVALID_ARG_TYPE', `The property 'options.${name}' must be a whole number. Received ${number}`);
}

const KINDS = {
  rsa: ({ modulusLength, publicExponent = 65537 }) => ['rsa', natural('modulusLength', modulusLength), natural('publicExponent', publicExponent)],
  ec: ({ namedCurve }) => [curveOf(namedCurve), 0, 0],
  ed25519: () => ['Ed25519', 0, 0],
  x25519: () => ['X25519', 0, 0],
};

export function generateKeyPairSync(type, options = {}) {
  if (!Object.hasOwn(KINDS, type)) {
    throw failure(TypeError, 'ERR_INVALID_ARG_VALUE', `The argument 'type' must be one of ${Object.keys(KINDS).join(', ')} in the sandbox. Received '${type}'`);
  }
  const pair = host.generateKey(...KINDS[type](options));
  const given = (key, encoding) => (encoding ? key.export(encoding) : key);
  return {
    publicKey: given(new KeyObject('public', host.publicKey(pair.der)), options.publicKeyEncoding),
    privateKey: given(new KeyObject('private', pair), options.privateKeyEncoding),
  };
}

export function generateKeyPair(type, options, done) {
  setImmediate(() => {
    let made;
    try {
      made = generateKeyPairSync(type, options);
    } catch (error) {
      done(error);
      return;
    }
    done(null, made.publicKey, made.privateKey);
  });
}

generateKeyPair[promisify.custom] = async (type, options) => generateKeyPairSync(type, options);

const oaepOf = ({ oaepHash = 'sha1', oaepLabel }) => [nameOf(oaepHash), oaepLabel === undefined ? Buffer.alloc(0) : bytesOf(oaepLabel)];

const refusePadding = (padding, why = '') => {
  throw failure(TypeError, 'ERR_INVALID_ARG_VALUE', `The padding ${padding} is not there in the sandbox${why}`);
};

export function publicEncrypt(key, data) {
  const { padding = constants.RSA_PKCS1_OAEP_PADDING } = key;
  const { der } = pairOf(key, 'public');
  if (padding === constants.RSA_PKCS1_PADDING) return bufferOf(host.encryptByKey(der, undefined, Buffer.alloc(0), bytesOf(data)));
  if (padding !== constants.RSA_PKCS1_OAEP_PADDING) refusePadding(padding);
  return bufferOf(host.encryptByKey(der, ...oaepOf(key), bytesOf(data)));
}

export function privateDecrypt(key, data) {
  const { padding = constants.RSA_PKCS1_OAEP_PADDING } = key;
  const { der } = pairOf(key, 'private');
  if (padding !== constants.RSA_PKCS1_OAEP_PADDING) refusePadding(padding, ': what it decrypts can be found out without the key');
  return bufferOf(host.decryptByKey(der, ...oaepOf(key), bytesOf(data)));
}

export const diffieHellman = calledBack(
  ({ privateKey, publicKey }) => bufferOf(host.agree(pairOf(privateKey, 'private').der, pairOf(publicKey, 'public').der)),
  1,
);

/** A pair of one curve, by numbers and points. */
export class ECDH {
  #curve;
  #pair;

  constructor(curve) {
    this.#curve = curveOf(curve);
  }

  generateKeys(encoding, format) {
    this.#pair = host.generateKey(this.#curve, 0, 0);
    return this.getPublicKey(encoding, format);
  }

  #made() {
    if (this.#pair) return this.#pair.der;
    throw failure(Error, 'ERR_CRYPTO_ECDH_INVALID_KEY', 'There is no key yet');
  }

  getPublicKey(encoding, format = 'uncompressed') {
    const point = bufferOf(host.writeKey('point', host.publicKey(this.#made()).der, false));
    if (format !== 'compressed') return shown(point, encoding);
    const half = (point.length - 1) / 2;
    return shown(Buffer.concat([Buffer.of(2 + (point.at(-1) & 1)), point.subarray(1, 1 + half)]), encoding);
  }

  getPrivateKey(encoding) {
    return shown(bufferOf(host.keyParts(this.#made(), true).d), encoding);
  }

  setPrivateKey(key, encoding) {
    const number = bytesOf(key, encoding);
    const size = { 'P-256': 32, 'P-384': 48, 'P-521': 66 }[this.#curve];
    const d = Buffer.concat([Buffer.alloc(Math.max(size - number.length, 0)), number]);
    this.#pair = host.makeKey(this.#curve, { d });
  }

  computeSecret(other, from, to) {
    const { der } = host.readPoint(this.#curve, bytesOf(other, from));
    return shown(bufferOf(host.agree(this.#made(), der)), to);
  }
}

const shown = (bytes, encoding) => (encoding && encoding !== 'buffer' ? bytes.toString(encoding) : bytes);

export const createECDH = (curve) => new ECDH(curve);
