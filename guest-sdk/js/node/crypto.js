// node:crypto: digests, HMAC, derived keys, randomness, AES, and key pairs.

import { Buffer } from './buffer.js';
import { Cipheriv, Decipheriv, createCipheriv, createDecipheriv, getCiphers } from './crypto_ciphers.js';
import { hkdf, hkdfSync, pbkdf2, pbkdf2Sync, scrypt, scryptSync } from './crypto_derive.js';
import { Hash, Hmac, createHash, createHmac, getHashes, hash } from './crypto_hash.js';
import { randomBytes, randomFill, randomFillSync, randomInt } from './crypto_random.js';
import { KeyObject, createPrivateKey, createPublicKey, createSecretKey } from './crypto_keys.js';
import {
  ECDH,
  createECDH,
  diffieHellman,
  generateKeyPair,
  generateKeyPairSync,
  getCurves,
  privateDecrypt,
  publicEncrypt,
} from './crypto_pairs.js';
import { Sign, Verify, createSign, createVerify, sign, verify } from './crypto_sign.js';
import { constants } from './crypto_constants.js';
import { refuse } from './refuse.js';

const webcrypto = globalThis.crypto;
const { subtle } = webcrypto;

const generateKeySync = (type, { length }) => createSecretKey(randomBytes(length / 8));

const randomUUID = () => webcrypto.randomUUID();
const getRandomValues = (array) => webcrypto.getRandomValues(array);

function timingSafeEqual(one, other) {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  if (left.length !== right.length) {
    const error = new RangeError('Input buffers must have the same byte length');
    throw Object.assign(error, { code: 'ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH' });
  }
  let difference = 0;
  for (let place = 0; place < left.length; place += 1) difference |= left[place] ^ right[place];
  return difference === 0;
}

const missing = (name) => refuse(`crypto.${name}`);

const Certificate = missing('Certificate');
const DiffieHellman = missing('DiffieHellman');
const DiffieHellmanGroup = missing('DiffieHellmanGroup');
const X509Certificate = missing('X509Certificate');
const checkPrime = missing('checkPrime');
const checkPrimeSync = missing('checkPrimeSync');
const createDiffieHellman = missing('createDiffieHellman');
const createDiffieHellmanGroup = missing('createDiffieHellmanGroup');
const generatePrime = missing('generatePrime');
const generatePrimeSync = missing('generatePrimeSync');
const getDiffieHellman = missing('getDiffieHellman');
const privateEncrypt = missing('privateEncrypt');
const publicDecrypt = missing('publicDecrypt');
const getFips = () => 0;

export {
  Certificate,
  Cipheriv,
  Decipheriv,
  DiffieHellman,
  DiffieHellmanGroup,
  ECDH,
  Hash,
  Hmac,
  KeyObject,
  Sign,
  Verify,
  X509Certificate,
  checkPrime,
  checkPrimeSync,
  constants,
  createCipheriv,
  createDecipheriv,
  createDiffieHellman,
  createDiffieHellmanGroup,
  createECDH,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  createSign,
  createVerify,
  diffieHellman,
  generateKeyPair,
  generateKeyPairSync,
  generateKeySync,
  generatePrime,
  generatePrimeSync,
  getCiphers,
  getCurves,
  getDiffieHellman,
  getFips,
  getHashes,
  getRandomValues,
  hash,
  hkdf,
  hkdfSync,
  pbkdf2,
  pbkdf2Sync,
  privateDecrypt,
  privateEncrypt,
  publicDecrypt,
  publicEncrypt,
  randomBytes,
  randomFill,
  randomFillSync,
  randomInt,
  randomUUID,
  scrypt,
  scryptSync,
  sign,
  subtle,
  timingSafeEqual,
  verify,
  webcrypto,
};

export default {
  Certificate,
  Cipheriv,
  Decipheriv,
  DiffieHellman,
  DiffieHellmanGroup,
  ECDH,
  Hash,
  Hmac,
  KeyObject,
  Sign,
  Verify,
  X509Certificate,
  checkPrime,
  checkPrimeSync,
  constants,
  createCipheriv,
  createDecipheriv,
  createDiffieHellman,
  createDiffieHellmanGroup,
  createECDH,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  createSign,
  createVerify,
  diffieHellman,
  generateKeyPair,
  generateKeyPairSync,
  generateKeySync,
  generatePrime,
  generatePrimeSync,
  getCiphers,
  getCurves,
  getDiffieHellman,
  getFips,
  getHashes,
  getRandomValues,
  hash,
  hkdf,
  hkdfSync,
  pbkdf2,
  pbkdf2Sync,
  privateDecrypt,
  privateEncrypt,
  pseudoRandomBytes: randomBytes,
  publicDecrypt,
  publicEncrypt,
  randomBytes,
  randomFill,
  randomFillSync,
  randomInt,
  randomUUID,
  scrypt,
  scryptSync,
  sign,
  subtle,
  timingSafeEqual,
  verify,
  webcrypto,
};
