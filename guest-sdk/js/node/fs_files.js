// Files of node:fs, at once: opening, reading, writing, and what is known of them.

import { host } from '../platform/host.js';
import { hasBegun } from '../platform/begun.js';
import { Buffer } from './buffer.js';
import { bytesOf, checkNumber, flagsOf, optionsOf, pathOf, timeOf, whole } from './fs_arguments.js';
import { constants } from './fs_constants.js';
import { call, invalidType, systemError } from './fs_errors.js';
import { statsOf } from './fs_stats.js';

const { files } = host;

// How much is read and written at once.
const PIECE = 1 << 18;

// The most that Node reads at once.
const MOST = 2 ** 31 - 1;

/** What is open, by its number: where it is read and written next, and what may be done with it. */
const opened = new Map();

const OUTPUTS = { 1: host.print, 2: host.printError };

function openedAs(fd, syscall, may = () => true) {
  const found = opened.get(checkNumber(fd));
  if (!found || !may(found)) throw systemError('EBADF', syscall);
  return found;
}

export function openSync(given, flags, mode) {
  const path = pathOf(given);
  const { how, ...file } = flagsOf(flags ?? 'r');
  const fd = call('open', path, undefined, () => files.open(whole(path), how));
  opened.set(fd, { ...file, position: 0 });
  return fd;
}

export function closeSync(fd) {
  openedAs(fd, 'close');
  opened.delete(fd);
  files.close(fd);
}

const isPosition = (position) => (typeof position === 'number' || typeof position === 'bigint') && position >= 0;

/** `buffer, offset, length, position`, of which the last three may be in an object or left out. */
function spanOf(buffer, offset, length, position) {
  const options = typeof offset === 'object' && offset !== null ? offset : { offset, length, position };
  const start = options.offset ?? 0;
  return { start, length: options.length ?? buffer.byteLength - start, position: options.position };
}

export function readSync(fd, buffer, offset, length, position) {
  const file = openedAs(fd, 'read', ({ readable }) => readable);
  if (!ArrayBuffer.isView(buffer)) throw invalidType('buffer', 'an instance of Buffer, TypedArray, or DataView', buffer);
  const span = spanOf(buffer, offset, length, position);
  const view = new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  if (span.start < 0 || span.length < 0 || span.start + span.length > view.length) {
    throw Object.assign(new RangeError('The value of "length" is out of range.'), { code: 'ERR_OUT_OF_RANGE' });
  }
  const given = isPosition(span.position);
  const bytes = readPiece(fd, given ? Number(span.position) : file.position, Math.min(span.length, PIECE));
  view.set(bytes, span.start);
  if (!given) file.position += bytes.length;
  return bytes.length;
}

function readPiece(fd, position, length) {
  try {
    return call('read', undefined, undefined, () => files.read(fd, position, length));
  } catch (error) {
    if (error.code === 'EBADF' && files.statOpened(fd).kind === 'folder') throw systemError('EISDIR', 'read');
    throw error;
  }
}

/** `fd, buffer, offset, length, position`, or `fd, text, position, encoding`. */
export function writeSync(fd, data, offset, length, position) {
  const isText = typeof data === 'string';
  const bytes = bytesOf(data, isText ? length : undefined);
  const span = isText ? { start: 0, length: bytes.length, position: offset } : spanOf(bytes, offset, length, position);
  return writeBytes(fd, bytes.subarray(span.start, span.start + span.length), span.position);
}

/** Writes all of it, at the position or behind what was written last. */
function writeBytes(fd, bytes, position) {
  if (OUTPUTS[fd]) {
    OUTPUTS[fd](host.decode(bytes, false));
    return bytes.length;
  }
  const file = openedAs(fd, 'write', ({ writable }) => writable);
  return call('write', undefined, undefined, () => {
    if (file.appends) files.append(fd, bytes);
    else if (isPosition(position)) writeAt(fd, bytes, Number(position));
    else file.position = writeAt(fd, bytes, file.position);
    return bytes.length;
  });
}

function writeAt(fd, bytes, position) {
  for (let done = 0; done < bytes.length; ) {
    const written = files.write(fd, position + done, bytes.subarray(done, done + PIECE));
    if (written === 0) throw new Error('ENOSPC');
    done += written;
  }
  return position + bytes.length;
}

const each = (buffers, position, work) => {
  let done = 0;
  for (const buffer of buffers) {
    const count = work(buffer, isPosition(position) ? Number(position) + done : undefined);
    done += count;
    if (count < buffer.byteLength) break;
  }
  return done;
};

export const readvSync = (fd, buffers, position) => each(buffers, position, (buffer, at) => readSync(fd, buffer, 0, buffer.byteLength, at));
export const writevSync = (fd, buffers, position) => each(buffers, position, (buffer, at) => writeBytes(fd, bytesOf(buffer), at));

/** With what a path or a number stands for. */
function withFile(given, flags, work) {
  if (typeof given === 'number') return work(given);
  const fd = openSync(given, flags);
  try {
    return work(fd);
  } finally {
    closeSync(fd);
  }
}

export function readFileSync(given, options) {
  const { encoding, flag } = optionsOf(options, { flag: 'r' });
  const bytes = withFile(given, flag, readAll);
  return encoding && encoding !== 'buffer' ? bytes.toString(encoding) : bytes;
}

function readAll(fd) {
  const file = openedAs(fd, 'read', ({ readable }) => readable);
  const { size } = call('fstat', undefined, undefined, () => files.statOpened(fd));
  if (size > MOST) {
    throw Object.assign(new RangeError(`File size (${size}) is greater than 2 GiB`), { code: 'ERR_FS_FILE_TOO_LARGE' });
  }
  // What has grown meanwhile, or has no size, comes in pieces behind it.
  const whole = Buffer.allocUnsafe(Math.max(size - file.position, 0));
  const more = [];
  let done = 0;
  for (;;) {
    const piece = readPiece(fd, file.position, Math.min(Math.max(whole.length - done, 1 << 14), PIECE));
    if (piece.length === 0) break;
    if (done + piece.length <= whole.length) whole.set(piece, done);
    else more.push(piece);
    done += piece.length;
    file.position += piece.length;
  }
  if (more.length > 0) {
    const before = done - more.reduce((length, piece) => length + piece.length, 0);
    return Buffer.concat([whole.subarray(0, before), ...more]);
  }
  return done < whole.length ? whole.subarray(0, done) : whole;
}

export function writeFileSync(given, data, options) {
  const { encoding, flag, flush } = optionsOf(options, { encoding: 'utf8', flag: 'w' });
  const bytes = bytesOf(data, encoding);
  withFile(given, flag, (fd) => {
    writeBytes(fd, bytes);
    if (flush) fsyncSync(fd);
  });
}

export function appendFileSync(given, data, options) {
  writeFileSync(given, data, optionsOf(options, { flag: 'a' }));
}

export function fsyncSync(fd) {
  openedAs(fd, 'fsync');
  call('fsync', undefined, undefined, () => files.sync(fd));
}

export function fdatasyncSync(fd) {
  openedAs(fd, 'fdatasync');
  call('fdatasync', undefined, undefined, () => files.sync(fd));
}

export function ftruncateSync(fd, length = 0) {
  if (!openedAs(fd, 'ftruncate').writable) throw systemError('EINVAL', 'ftruncate');
  call('ftruncate', undefined, undefined, () => files.resize(fd, Math.max(0, length)));
}

export function truncateSync(given, length = 0) {
  withFile(given, 'r+', (fd) => ftruncateSync(fd, length));
}

export function fstatSync(fd, options) {
  openedAs(fd, 'fstat');
  return statsOf(call('fstat', undefined, undefined, () => files.statOpened(fd)), options);
}

const statBy = (syscall, follow) => (given, options) => {
  const path = pathOf(given);
  try {
    return statsOf(call(syscall, path, undefined, () => files.stat(whole(path), follow)), options);
  } catch (error) {
    if (options?.throwIfNoEntry === false && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return undefined;
    throw error;
  }
};

export const statSync = statBy('stat', true);
export const lstatSync = statBy('lstat', false);

export function existsSync(given) {
  if (!hasBegun()) return false;
  try {
    files.stat(whole(pathOf(given)), true);
    return true;
  } catch {
    return false;
  }
}

export function accessSync(given, mode = constants.F_OK) {
  const path = pathOf(given);
  const { kind, writable, device } = call('access', path, undefined, () => files.stat(whole(path), true));
  if (mode & constants.W_OK && !writable) throw systemError(device === 1 ? 'EROFS' : 'EACCES', 'access', path);
  if (mode & constants.X_OK && kind !== 'folder') throw systemError('EACCES', 'access', path);
}

const utimesBy = (syscall, follow) => (given, accessed, modified) => {
  const path = pathOf(given);
  const times = [timeOf(accessed), timeOf(modified)];
  call(syscall, path, undefined, () => files.setTimes(whole(path), ...times, follow));
};

export const utimesSync = utimesBy('utime', true);
export const lutimesSync = utimesBy('lutime', false);

export function futimesSync(fd, accessed, modified) {
  openedAs(fd, 'futime');
  const times = [timeOf(accessed), timeOf(modified)];
  call('futime', undefined, undefined, () => files.setTimesOpened(fd, ...times));
}

export function copyFileSync(source, target, mode = 0) {
  const [from, to] = [pathOf(source, 'src'), pathOf(target, 'dest')];
  call('copyfile', from, to, () => {
    const input = files.open(whole(from), flagsOf('r').how);
    try {
      if (files.statOpened(input).kind === 'folder') throw new Error('EISDIR');
      copyTo(input, whole(to), flagsOf(mode & constants.COPYFILE_EXCL ? 'wx' : 'r+').how | 4);
    } finally {
      files.close(input);
    }
  });
}

function copyTo(input, path, how) {
  const output = files.open(path, how);
  try {
    const [from, to] = [files.statOpened(input), files.statOpened(output)];
    // Emptied only once it is known to be another file.
    if (from.id === to.id && from.device === to.device) return;
    if (to.kind === 'file') files.resize(output, 0);
    for (let position = 0; ; ) {
      const piece = files.read(input, position, PIECE);
      if (piece.length === 0) return;
      position = writeAt(output, piece, position);
    }
  } finally {
    files.close(output);
  }
}
