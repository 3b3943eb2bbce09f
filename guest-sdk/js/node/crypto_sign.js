// Signatures of node:crypto.

import { host } from '../platform/host.js';
import { join } from '../platform/streams.js';
import { rsaDetails } from '../platform/key_pairs.js';
import stream from './stream.cjs';
import { constants } from './crypto_constants.js';
import { nameOf } from './crypto_hash.js';
import { bufferOf, bytesOf, pairOf } from './crypto_keys.js';
import { calledBack } from './crypto_random.js';

const { Writable } = stream;

const LENGTHS = { md5: 16, sha1: 20, sha224: 28, sha256: 32, sha384: 48, sha512: 64 };

/** How the host is to sign with a key, from the digest and what else was given with the key. */
function schemeOf(algorithm, pair, given, signs) {
  if (pair.kind === 'Ed25519') {
    if (algorithm == null) return { name: 'eddsa' };
    throw Object.assign(new Error('Invalid digest: a key of Ed25519 takes none'), { code: 'ERR_OSSL_INVALID_DIGEST' });
  }
  const hash = nameOf(algorithm ?? 'sha256');
  if (pair.kind !== 'rsa') return { name: given?.dsaEncoding === 'ieee-p1363' ? 'ecdsa' : 'ecdsa-der', hash };
  const padding = given?.padding ?? constants.RSA_PKCS1_PADDING;
  if (padding === constants.RSA_PKCS1_PADDING) return { name: 'pkcs1', hash };
  if (padding === constants.RSA_PKCS1_PSS_PADDING) return { name: 'pss', hash, salt: saltOf(given.saltLength, pair, LENGTHS[hash], signs) };
  throw Object.assign(new TypeError(`Invalid padding ${padding}`), { code: 'ERR_INVALID_ARG_VALUE' });
}

/** The length of the salt; none takes any. */
function saltOf(given, pair, hashLength, signs) {
  if (given === constants.RSA_PSS_SALTLEN_DIGEST) return hashLength;
  if (given >= 0) return given;
  if (!signs) return undefined;
  return Math.ceil((rsaDetails(pair).modulusLength - 1) / 8) - hashLength - 2;
}

export const sign = calledBack((algorithm, data, key) => {
  const pair = pairOf(key, 'private');
  return bufferOf(host.signByKey(pair.der, schemeOf(algorithm, pair, key, true), bytesOf(data)));
}, 3);

export const verify = calledBack((algorithm, data, key, signature) => {
  const pair = pairOf(key, 'public');
  return host.verifyByKey(pair.der, schemeOf(algorithm, pair, key, false), bytesOf(data), bytesOf(signature));
}, 4);

/** It takes the whole at once, so it keeps what it is given until then. */
class Collected extends Writable {
  #pieces = [];

  constructor(algorithm, options) {
    super(options);
    nameOf(algorithm);
    this.algorithm = algorithm;
  }

  _write(chunk, encoding, done) {
    this.update(chunk, encoding === 'buffer' ? undefined : encoding);
    done();
  }

  update(data, encoding) {
    this.#pieces.push(bytesOf(data, encoding).slice());
    return this;
  }

  collected() {
    return join(this.#pieces);
  }
}

export class Sign extends Collected {
  sign(key, encoding) {
    const signature = sign(this.algorithm, this.collected(), key);
    return encoding && encoding !== 'buffer' ? signature.toString(encoding) : signature;
  }
}

export class Verify extends Collected {
  verify(key, signature, encoding) {
    return verify(this.algorithm, this.collected(), key, bytesOf(signature, encoding));
  }
}

export const createSign = (algorithm, options) => new Sign(algorithm, options);
export const createVerify = (algorithm, options) => new Verify(algorithm, options);
