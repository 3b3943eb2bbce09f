// Randomness that is drawn when it is asked for: the engine's own `Math.random` was seeded when the component was built.

import { host } from './host.js';

Object.defineProperty(Math, 'random', { value: () => host.randomNumber(), writable: true, configurable: true });

// As the web's standard has it.
const MOST = 65536;

export function randomBytes(length) {
  return host.randomBytes(length);
}

export function getRandomValues(array) {
  const isInteger = ArrayBuffer.isView(array) && !(array instanceof DataView) && !/^Float/.test(array[Symbol.toStringTag]);
  if (!isInteger) throw new DOMException('The data is no array of integers', 'TypeMismatchError');
  if (array.byteLength > MOST) {
    throw new DOMException(`There are ${array.byteLength} bytes, and no more than ${MOST} at once`, 'QuotaExceededError');
  }
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength).set(host.randomBytes(array.byteLength));
  return array;
}

export function randomUUID() {
  const bytes = host.randomBytes(16);
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes.toHex().replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
