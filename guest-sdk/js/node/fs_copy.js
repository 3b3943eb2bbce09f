// `cp` of node:fs: files, folders and links with what is in them.

import path from './path.js';
import { copyFileSync, lstatSync, statSync, utimesSync } from './fs_files.js';
import { mkdirSync, opendirSync, readlinkSync, rmSync, symlinkSync } from './fs_folders.js';
import { pathOf } from './fs_arguments.js';
import { refused } from './fs_errors.js';
import { constants } from './fs_constants.js';

/** The steps of a copy: each asks whether something is to be copied. */
function* copying(from, to, options) {
  if (options.filter && !(yield options.filter(from, to))) return;
  const stat = options.dereference ? statSync : lstatSync;
  const source = stat(from);
  const target = stat(to, { throwIfNoEntry: false });
  check(from, to, source, target, options);
  if (source.isDirectory()) {
    if (!target) mkdirSync(to, { recursive: true });
    for (let folder = opendirSync(from), entry; (entry = folder.readSync()); ) {
      yield* copying(path.join(from, entry.name), path.join(to, entry.name), options);
    }
    return;
  }
  if (target && options.force === false) {
    if (options.errorOnExist) {
      throw refused('ERR_FS_CP_EEXIST', 'cp', `Target already exists: cp returned EEXIST (${to} already exists) ${to}`, to);
    }
    return;
  }
  mkdirSync(path.dirname(path.resolve(to)), { recursive: true });
  if (source.isSymbolicLink()) {
    if (target) rmSync(to);
    const link = readlinkSync(from);
    // Node makes whole paths of them, which lead out of every directory here.
    symlinkSync(link, to);
    return;
  }
  copyFileSync(from, to, (options.mode ?? 0) & ~constants.COPYFILE_EXCL);
  if (options.preserveTimestamps) utimesSync(to, source.atime, source.mtime);
}

function check(from, to, source, target, { recursive }) {
  if (source.isDirectory() && !recursive) {
    throw refused('ERR_FS_EISDIR', 'cp', `Recursive option not enabled, cannot copy a directory: cp returned EISDIR (${from} is a directory (not copied)) ${from}`, from);
  }
  const [start, end] = [path.resolve(from), path.resolve(to)];
  if (target && target.ino === source.ino && target.dev === source.dev) {
    throw refused('ERR_FS_CP_EINVAL', 'cp', `Invalid src or dest: cp returned EINVAL (src and dest cannot be the same) ${to}`, to);
  }
  if (source.isDirectory() && end.startsWith(`${start}/`)) {
    throw refused('ERR_FS_CP_EINVAL', 'cp', `Invalid src or dest: cp returned EINVAL (cannot copy ${from} to a subdirectory of self ${to}) ${to}`, to);
  }
  if (target && source.isDirectory() !== target.isDirectory()) {
    const code = source.isDirectory() ? 'ERR_FS_CP_DIR_TO_NON_DIR' : 'ERR_FS_CP_NON_DIR_TO_DIR';
    throw refused(code, 'cp', `Cannot overwrite ${to} with ${from}: one is a directory and the other is not`, to);
  }
}

export function cpSync(source, target, options = {}) {
  const steps = copying(pathOf(source, 'src'), pathOf(target, 'dest'), options);
  for (let step = steps.next(); !step.done; step = steps.next(step.value));
}

/** The same, with a filter that may take its time. */
export async function cp(source, target, options = {}) {
  const steps = copying(pathOf(source, 'src'), pathOf(target, 'dest'), options);
  for (let step = steps.next(); !step.done; step = steps.next(await step.value));
}
