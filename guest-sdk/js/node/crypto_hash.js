// Hash and Hmac of node:crypto, on the host's. It takes the whole at once, so they keep what they are given until then.

import { host } from '../platform/host.js';
import { join } from '../platform/streams.js';
import { Buffer } from './buffer.js';
import { bytesOf } from './crypto_keys.js';

const NAMES = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'];

/** The host's name of an algorithm. */
export function nameOf(algorithm) {
  const name = String(algorithm).toLowerCase().replace(/^rsa-/, '').replace('-', '');
  if (NAMES.includes(name)) return name;
  throw Object.assign(new Error(`Digest method not supported: ${algorithm}`), { code: 'ERR_CRYPTO_INVALID_DIGEST' });
}

const shown = (bytes, encoding) => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return encoding === undefined || encoding === 'buffer' ? buffer : buffer.toString(encoding);
};

class Digest {
  #pieces;
  #finish;
  #isDone = false;

  constructor(finish, pieces = []) {
    this.#finish = finish;
    this.#pieces = pieces;
  }

  update(data, encoding) {
    if (this.#isDone) throw finished();
    this.#pieces.push(bytesOf(data, encoding).slice());
    return this;
  }

  digest(encoding) {
    if (this.#isDone) throw finished();
    this.#isDone = true;
    return shown(this.#finish(join(this.#pieces)), encoding);
  }

  copy() {
    if (this.#isDone) throw finished();
    return new this.constructor(this.#finish, [...this.#pieces]);
  }

  // As much of a stream as who pipes into it needs.
  #listeners = new Map();
  #result;

  write(chunk, encoding, done = encoding) {
    this.update(chunk, typeof encoding === 'string' ? encoding : undefined);
    if (typeof done === 'function') queueMicrotask(done);
    return true;
  }

  end(chunk) {
    if (chunk !== undefined && typeof chunk !== 'function') this.update(chunk);
    this.#result = this.digest();
    queueMicrotask(() => {
      for (const name of ['finish', 'readable', 'data', 'end', 'close'])
        for (const listener of this.#listeners.get(name) ?? []) listener(this.#result);
    });
  }

  read() {
    const result = this.#result ?? null;
    this.#result = undefined;
    return result;
  }

  on(name, listener) {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
    return this;
  }

  once(name, listener) {
    return this.on(name, listener);
  }

  removeListener() {
    return this;
  }

  emit() {
    return false;
  }

  get writable() {
    return !this.#isDone;
  }
}

const finished = () => Object.assign(new Error('Digest already called'), { code: 'ERR_CRYPTO_HASH_FINALIZED' });

export class Hash extends Digest {}

export class Hmac extends Digest {}

export function createHash(algorithm) {
  const name = nameOf(algorithm);
  return new Hash((bytes) => host.digest(name, bytes));
}

export function createHmac(algorithm, key) {
  const name = nameOf(algorithm);
  const secret = bytesOf(key).slice();
  return new Hmac((bytes) => host.hmac(name, secret, bytes));
}

export const hash = (algorithm, data, encoding = 'hex') => shown(host.digest(nameOf(algorithm), bytesOf(data)), encoding);
export const getHashes = () => [...NAMES];
