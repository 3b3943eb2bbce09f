// Folders and links of node:fs, at once: what is in them, making, moving and removing.

import path from './path.js';
import { host } from '../platform/host.js';
import { randomBytes } from '../platform/random.js';
import { named, optionsOf, pathOf, whole } from './fs_arguments.js';
import { lstatSync, statSync } from './fs_files.js';
import { call, refused, systemError } from './fs_errors.js';
import { Dir, shownListing } from './fs_stats.js';

const { files } = host;

/** What is in a folder, with what is in those in it if it is to be so. */
function list(folder, syscall, recursive) {
  const listed = call(syscall, folder, undefined, () => files.list(whole(folder)));
  if (!recursive) return listed;
  // Breadth first, as Node has it.
  for (let at = 0; at < listed.length; at += 1) {
    const [name, kind] = listed[at];
    if (kind !== 'folder') continue;
    const inside = path.join(folder, name);
    for (const [below, kindBelow] of call(syscall, inside, undefined, () => files.list(whole(inside)))) {
      listed.push([path.join(name, below), kindBelow]);
    }
  }
  return listed;
}

export function readdirSync(given, options) {
  const folder = pathOf(given);
  const shown = optionsOf(options);
  return shownListing(list(folder, 'scandir', shown.recursive), folder, shown);
}

export function opendirSync(given, options) {
  const folder = pathOf(given);
  const shown = optionsOf(options);
  return new Dir(folder, shownListing(list(folder, 'opendir', shown.recursive), folder, { ...shown, withFileTypes: true }));
}

export function mkdirSync(given, options) {
  const folder = pathOf(given);
  const make = (each) => call('mkdir', folder, undefined, () => files.makeFolder(whole(each)));
  if (!options?.recursive) {
    make(folder);
    return undefined;
  }
  const missing = [];
  for (let each = path.resolve(folder); ; each = path.dirname(each)) {
    const found = statSync(each, { throwIfNoEntry: false });
    if (found?.isDirectory()) break;
    if (found) throw systemError(missing.length === 0 ? 'EEXIST' : 'ENOTDIR', 'mkdir', folder);
    missing.unshift(each);
  }
  missing.forEach(make);
  return missing[0];
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export function mkdtempSync(prefix, options) {
  const start = pathOf(prefix, 'prefix');
  const shown = `${start}XXXXXX`;
  const folder = start + Array.from(randomBytes(6), (byte) => LETTERS[byte % LETTERS.length]).join('');
  call('mkdtemp', shown, undefined, () => files.makeFolder(whole(folder)));
  return named(folder, optionsOf(options).encoding);
}

export function rmdirSync(given, options) {
  if (options?.recursive) return rmSync(given, { recursive: true });
  const folder = pathOf(given);
  return call('rmdir', folder, undefined, () => files.removeFolder(whole(folder)));
}

export function unlinkSync(given) {
  const file = pathOf(given);
  call('unlink', file, undefined, () => files.removeFile(whole(file)));
}

export function rmSync(given, { recursive = false, force = false } = {}) {
  const start = pathOf(given);
  const found = lstatSync(start, { throwIfNoEntry: !force });
  if (!found) return;
  if (!found.isDirectory()) unlinkSync(start);
  else if (recursive) removeAll(start);
  else throw refused('ERR_FS_EISDIR', 'rm', `Path is a directory: rm returned EISDIR (is a directory) ${start}`, start);
}

function removeAll(folder) {
  for (const [name, kind] of list(folder, 'scandir')) {
    const inside = path.join(folder, name);
    if (kind === 'folder') removeAll(inside);
    else unlinkSync(inside);
  }
  rmdirSync(folder);
}

const between = (syscall, work, names) => (source, target) => {
  const [from, to] = [pathOf(source, names[0]), pathOf(target, names[1])];
  call(syscall, from, to, () => work(from, to));
};

export const renameSync = between('rename', (from, to) => files.rename(whole(from), whole(to)), ['oldPath', 'newPath']);
export const linkSync = between('link', (from, to) => files.link(whole(from), whole(to)), ['existingPath', 'newPath']);
// The target stays as it is: it starts where the link is.
export const symlinkSync = between('symlink', (target, to) => files.makeSymlink(target, whole(to)), ['target', 'path']);

export function readlinkSync(given, options) {
  const link = pathOf(given);
  return named(call('readlink', link, undefined, () => files.readSymlink(whole(link))), optionsOf(options).encoding);
}

// As many links as Linux follows.
const MOST_LINKS = 40;

export function realpathSync(given, options) {
  let rest = path.resolve(pathOf(given)).split('/').filter(Boolean);
  let real = '/';
  for (let links = 0; rest.length > 0; ) {
    const [name, ...after] = rest;
    const next = path.join(real, name);
    if (lstatSync(next).isSymbolicLink()) {
      links += 1;
      if (links > MOST_LINKS) throw systemError('ELOOP', 'realpath', next);
      rest = [...path.resolve(real, readlinkSync(next)).split('/').filter(Boolean), ...after];
      real = '/';
    } else {
      rest = after;
      real = next;
    }
  }
  return named(real, optionsOf(options).encoding);
}

realpathSync.native = realpathSync;
