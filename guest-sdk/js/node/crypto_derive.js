// Derived keys of node:crypto: PBKDF2, HKDF and scrypt (of the package @noble/hashes).

import { hkdfOf, pbkdf2Of } from '../platform/derive.js';
import { nameOf } from './crypto_hash.js';
import { bufferOf, bytesOf } from './crypto_keys.js';

const later = (work, done) => {
  let result;
  try {
    result = [null, work()];
  } catch (error) {
    result = [error];
  }
  setImmediate(() => done(...result));
};

export function pbkdf2Sync(password, salt, iterations, length, digest) {
  return bufferOf(pbkdf2Of(nameOf(digest), bytesOf(password), bytesOf(salt), iterations, length));
}

export function pbkdf2(password, salt, iterations, length, digest, done) {
  later(() => pbkdf2Sync(password, salt, iterations, length, digest), done);
}

export function hkdfSync(digest, key, salt, info, length) {
  return hkdfOf(nameOf(digest), bytesOf(key), bytesOf(salt), bytesOf(info), length).slice().buffer;
}

export function hkdf(digest, key, salt, info, length, done) {
  later(() => hkdfSync(digest, key, salt, info, length), done);
}

export function scryptSync(password, salt, length, options = {}) {
  const { N = options.cost ?? 16384, r = options.blockSize ?? 8, p = options.parallelization ?? 1 } = options;
  const { scrypt: derive } = require('@noble/hashes/scrypt.js');
  return bufferOf(derive(bytesOf(password), bytesOf(salt), { N, r, p, dkLen: length }));
}

export function scrypt(password, salt, length, options, done = options) {
  later(() => scryptSync(password, salt, length, typeof options === 'function' ? {} : options), done);
}
