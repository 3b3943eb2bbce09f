// What is given to functions of node:fs: paths, flags, encodings, data and times.

import path from './path.js';
import { Buffer } from './buffer.js';
import { constants } from './fs_constants.js';
import { invalidType, invalidValue } from './fs_errors.js';
import { fileURLToPath } from './url.js';

/** A path as it was given, as a text. */
export function pathOf(given, name = 'path') {
  const text = textOf(given, name);
  if (text.includes('\0')) throw invalidValue(name, 'must be a string, Uint8Array, or URL without null bytes', given);
  return text;
}

function textOf(given, name) {
  if (typeof given === 'string') return given;
  if (given instanceof URL) return fileURLToPath(given);
  if (given instanceof Uint8Array) return Buffer.from(given).toString();
  throw invalidType(name, 'of type string or an instance of Buffer or URL', given);
}

/** The whole path, as the host takes it. An empty one leads nowhere. */
export function whole(text) {
  if (text === '') throw new Error('ENOENT');
  return path.resolve(text);
}

export function checkNumber(fd) {
  if (typeof fd !== 'number') throw invalidType('fd', 'of type number', fd);
  return fd;
}

/** Options, which may be an encoding alone. */
export function optionsOf(given, defaults = {}) {
  const options = typeof given === 'string' ? { encoding: given } : (given ?? {});
  if (typeof options !== 'object') throw invalidType('options', 'of type string or an instance of Object', given);
  const { encoding } = options;
  if (encoding && encoding !== 'buffer' && !Buffer.isEncoding(encoding)) {
    throw invalidValue('encoding', 'is invalid encoding', encoding);
  }
  return { ...defaults, ...options };
}

/** A name as it was asked for. */
export const named = (name, encoding) => (encoding === 'buffer' ? Buffer.from(name) : encoding && !/^utf-?8$/i.test(encoding) ? Buffer.from(name).toString(encoding) : name);

export function bytesOf(data, encoding) {
  if (typeof data === 'string') return Buffer.from(data, encoding ?? 'utf8');
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  throw invalidType('data', 'of type string or an instance of Buffer, TypedArray, or DataView', data);
}

const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_NOFOLLOW } = constants;

const FLAGS = {
  r: O_RDONLY,
  'r+': O_RDWR,
  w: O_WRONLY | O_CREAT | O_TRUNC,
  'w+': O_RDWR | O_CREAT | O_TRUNC,
  a: O_WRONLY | O_CREAT | O_APPEND,
  'a+': O_RDWR | O_CREAT | O_APPEND,
};

/** How something is to be opened: for the host, and what it leaves to us. */
export function flagsOf(given = 'r') {
  // What waits until it is on the disk, and what must be new, may be said at both places.
  const plain = typeof given === 'string' ? given.replace(/[sx]/, '') : '';
  const flags = typeof given === 'number' ? given : FLAGS[plain];
  if (flags === undefined) throw invalidValue('flags', 'is invalid', given);
  const exclusive = typeof given === 'string' && given.includes('x');
  const access = flags & 3;
  const readable = access !== O_WRONLY;
  const writable = access !== O_RDONLY;
  const how =
    (readable ? 1 : 0) |
    (writable ? 2 : 0) |
    (flags & O_CREAT ? 4 : 0) |
    (flags & O_EXCL || exclusive ? 8 : 0) |
    (flags & O_TRUNC ? 16 : 0) |
    (flags & O_NOFOLLOW ? 32 : 0);
  return { how, readable, writable, appends: (flags & O_APPEND) !== 0 };
}

/** A time in milliseconds. */
export function timeOf(given) {
  const seconds = given instanceof Date ? given.getTime() / 1000 : Number(given);
  if (Number.isNaN(seconds)) throw invalidType('time', 'of type number or string or an instance of Date', given);
  return Math.max(seconds, 0) * 1000;
}
