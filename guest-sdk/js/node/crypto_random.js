// Randomness of node:crypto.

import * as random from '../platform/random.js';
import { Buffer } from './buffer.js';

/** A function that calls back where it gets a callback behind its `count` arguments, and returns where it gets none. */
export const calledBack = (work, count) => (...args) => {
  const done = args[count];
  if (typeof done !== 'function') return work(...args);
  setImmediate(() => {
    let results;
    try {
      results = [null, work(...args.slice(0, count))];
    } catch (error) {
      results = [error];
    }
    done(...results);
  });
  return undefined;
};

const later = (work, done) => {
  const result = work();
  setImmediate(() => done(null, result));
};

// Node's bound.
const MOST = 2 ** 31 - 1;

export function randomBytes(size, done) {
  if (typeof size !== 'number') throw Object.assign(new TypeError('The "size" argument must be of type number.'), { code: 'ERR_INVALID_ARG_TYPE' });
  if (!(Number.isInteger(size) && size >= 0 && size <= MOST)) {
    const message = `The value of "size" is out of range. It must be >= 0 && <= ${MOST}. Received ${size}`;
    throw Object.assign(new RangeError(message), { code: 'ERR_OUT_OF_RANGE' });
  }
  if (done) return later(() => randomBytes(size), done);
  return Buffer.from(random.randomBytes(size).buffer);
}

export function randomFillSync(array, offset = 0, size = array.byteLength - offset) {
  const view = ArrayBuffer.isView(array) ? array : new Uint8Array(array);
  new Uint8Array(view.buffer, view.byteOffset + offset, size).set(random.randomBytes(size));
  return array;
}

export function randomFill(array, ...rest) {
  const done = rest.pop();
  later(() => randomFillSync(array, ...rest), done);
}

export function randomInt(low, high, done) {
  if (typeof high !== 'number') return randomInt(0, low, high);
  if (!(Number.isSafeInteger(low) && Number.isSafeInteger(high) && low < high)) {
    throw Object.assign(new RangeError(`The range ${low} to ${high} holds no integer`), { code: 'ERR_OUT_OF_RANGE' });
  }
  if (done) return later(() => randomInt(low, high), done);
  const range = BigInt(high - low);
  // What lies above the last whole multiple of the range would come up more often.
  const limit = (1n << 64n) - ((1n << 64n) % range);
  for (;;) {
    const drawn = new DataView(random.randomBytes(8).buffer).getBigUint64(0);
    if (drawn < limit) return low + Number(drawn % range);
  }
}
