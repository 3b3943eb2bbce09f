// Errors of node:fs, as Node has them.

import { hasBegun } from '../platform/begun.js';
import { inspect } from '../platform/inspect.js';

const SYSTEM = {
  EACCES: [13, 'permission denied'],
  EAGAIN: [11, 'resource temporarily unavailable'],
  EALREADY: [114, 'connection already in progress'],
  EBADF: [9, 'bad file descriptor'],
  EBUSY: [16, 'resource busy or locked'],
  EDEADLK: [35, 'resource deadlock avoided'],
  EDQUOT: [122, 'disk quota exceeded'],
  EEXIST: [17, 'file already exists'],
  EFBIG: [27, 'file too large'],
  EILSEQ: [84, 'illegal byte sequence'],
  EINTR: [4, 'interrupted system call'],
  EINVAL: [22, 'invalid argument'],
  EIO: [5, 'i/o error'],
  EISDIR: [21, 'illegal operation on a directory'],
  ELOOP: [40, 'too many symbolic links encountered'],
  EMFILE: [24, 'too many open files'],
  EMLINK: [31, 'too many links'],
  ENAMETOOLONG: [36, 'name too long'],
  ENODEV: [19, 'no such device'],
  ENOENT: [2, 'no such file or directory'],
  ENOMEM: [12, 'not enough memory'],
  ENOSPC: [28, 'no space left on device'],
  ENOSYS: [38, 'function not implemented'],
  ENOTDIR: [20, 'not a directory'],
  ENOTEMPTY: [39, 'directory not empty'],
  ENOTSUP: [95, 'operation not supported'],
  ENOTTY: [25, 'inappropriate ioctl for device'],
  ENXIO: [6, 'no such device or address'],
  EOVERFLOW: [75, 'value too large for defined data type'],
  EPERM: [1, 'operation not permitted'],
  EPIPE: [32, 'broken pipe'],
  EROFS: [30, 'read-only file system'],
  ESPIPE: [29, 'invalid seek'],
  ETXTBSY: [26, 'text file is busy'],
  EXDEV: [18, 'cross-device link not permitted'],
};

/** What a call of the system failed with. */
export function systemError(code, syscall, path, dest, note = '') {
  const [number, text] = SYSTEM[code];
  const paths = `${path === undefined ? '' : ` '${path}'`}${dest === undefined ? '' : ` -> '${dest}'`}`;
  const error = new Error(`${code}: ${text}, ${syscall}${paths}${note}`);
  Object.assign(error, { errno: -number, code, syscall });
  if (path !== undefined) error.path = path;
  if (dest !== undefined) error.dest = dest;
  return error;
}

/** Calls the host, whose errors are names of numbers. Nothing is there before the attempt begins. */
export function call(syscall, path, dest, work) {
  if (!hasBegun()) {
    throw systemError('ENOENT', syscall, path, dest, ': there are no files while the component is built, only in activities');
  }
  try {
    return work();
  } catch (error) {
    throw Object.hasOwn(SYSTEM, error.message) ? systemError(error.message, syscall, path, dest) : error;
  }
}

/** What Node refuses itself, with its own codes. */
export function refused(code, syscall, message, path) {
  const error = new Error(message);
  error.name = 'SystemError';
  return Object.assign(error, { code, syscall, path });
}

const received = (value) => {
  if (value === undefined || value === null) return `Received ${value}`;
  if (typeof value === 'function') return `Received function ${value.name}`;
  if (typeof value === 'object') return `Received ${value.constructor?.name ? `an instance of ${value.constructor.name}` : inspect(value, { depth: -1 })}`;
  return `Received type ${typeof value} (${inspect(value).slice(0, 28)})`;
};

export const invalidType = (name, wanted, value) =>
  Object.assign(new TypeError(`The "${name}" argument must be ${wanted}. ${received(value)}`), { code: 'ERR_INVALID_ARG_TYPE' });

export const invalidValue = (name, reason, value) =>
  Object.assign(new TypeError(`The argument '${name}' ${reason}. Received ${inspect(value)}`), { code: 'ERR_INVALID_ARG_VALUE' });
