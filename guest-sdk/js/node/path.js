// node:path, of the package path-browserify. There are only paths with slashes.

import path from 'path-browserify';
import { refuse } from './refuse.js';

path.posix = path;
path.toNamespacedPath = (each) => each;

export const {
  basename,
  delimiter,
  dirname,
  extname,
  format,
  isAbsolute,
  join,
  normalize,
  parse,
  posix,
  relative,
  resolve,
  sep,
  toNamespacedPath,
} = path;

// Asked for by packages that look at both; what they then do with it is not about this machine.
export const win32 = { ...path, sep: '\\', delimiter: ';' };

path.win32 = win32;

path.matchesGlob = refuse('path.matchesGlob');

export const { matchesGlob } = path;

export default path;
