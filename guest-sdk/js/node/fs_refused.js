// What node:fs has and a sandbox has not: there are no owners and no modes, and nobody tells of changes.

import { host } from '../platform/host.js';
import { pathOf, whole } from './fs_arguments.js';
import { call, systemError } from './fs_errors.js';

/** Says that it is not there: of a path that is there. */
const ofPath = (syscall) => (given) => {
  const path = pathOf(given);
  call(syscall, path, undefined, () => host.files.stat(whole(path), true));
  throw systemError('ENOSYS', syscall, path);
};

const ofFile = (syscall) => () => {
  throw systemError('ENOSYS', syscall);
};

export const chmodSync = ofPath('chmod');
export const chownSync = ofPath('chown');
export const lchmodSync = ofPath('lchmod');
export const lchownSync = ofPath('lchown');
export const statfsSync = ofPath('statfs');
export const watch = ofPath('watch');
export const watchFile = ofPath('watch');
export const unwatchFile = () => {};
export const fchmodSync = ofFile('fchmod');
export const fchownSync = ofFile('fchown');
export const globSync = ofFile('glob');
