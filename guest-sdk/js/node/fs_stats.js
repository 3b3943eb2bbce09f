// What is known of files: Stats, Dirent, and Dir.

import path from './path.js';
import { named } from './fs_arguments.js';
import { constants } from './fs_constants.js';
import { systemError } from './fs_errors.js';

const { S_IFMT, S_IFREG, S_IFDIR, S_IFCHR, S_IFLNK } = constants;

// There are no owners and no modes: what can be changed says so.
const MODES = {
  file: [S_IFREG | 0o644, S_IFREG | 0o444],
  folder: [S_IFDIR | 0o755, S_IFDIR | 0o555],
  symlink: [S_IFLNK | 0o777, S_IFLNK | 0o777],
  null: [S_IFCHR | 0o666, S_IFCHR | 0o666],
  other: [0o644, 0o444],
};

const BLOCK = 4096;
const TIMES = ['atime', 'mtime', 'ctime', 'birthtime'];

export class Stats {
  isFile() {
    return this.#is(S_IFREG);
  }

  isDirectory() {
    return this.#is(S_IFDIR);
  }

  isSymbolicLink() {
    return this.#is(S_IFLNK);
  }

  isCharacterDevice() {
    return this.#is(S_IFCHR);
  }

  isBlockDevice() {
    return false;
  }

  isFIFO() {
    return false;
  }

  isSocket() {
    return false;
  }

  #is(kind) {
    return (Number(this.mode) & S_IFMT) === kind;
  }
}

class BigIntStats extends Stats {}

/** From what the host knows. */
export function statsOf({ kind, size, links, accessed, modified, changed, id, device, writable }, { bigint = false } = {}) {
  const numbers = {
    dev: device,
    mode: MODES[kind][writable ? 0 : 1],
    nlink: links,
    uid: 0,
    gid: 0,
    rdev: 0,
    blksize: BLOCK,
    ino: id,
    size,
    blocks: Math.ceil(size / 512),
  };
  // Nobody knows when it was made.
  const times = [accessed, modified, changed, Math.min(modified, changed)];
  const dates = Object.fromEntries(TIMES.map((name, place) => [name, new Date(times[place])]));
  if (!bigint) {
    const milliseconds = Object.fromEntries(TIMES.map((name, place) => [`${name}Ms`, times[place]]));
    return Object.assign(new Stats(), numbers, milliseconds, dates);
  }
  const whole = (entries) => Object.fromEntries(entries.map(([name, value]) => [name, BigInt(Math.trunc(value))]));
  const milliseconds = whole(TIMES.map((name, place) => [`${name}Ms`, times[place]]));
  const nanoseconds = whole(TIMES.map((name, place) => [`${name}Ns`, times[place] * 1e6]));
  return Object.assign(new BigIntStats(), whole(Object.entries(numbers)), milliseconds, nanoseconds, dates);
}

export class Dirent {
  #kind;

  constructor(name, parentPath, kind) {
    Object.assign(this, { name, parentPath, path: parentPath });
    this.#kind = kind;
  }

  isFile() {
    return this.#kind === 'file';
  }

  isDirectory() {
    return this.#kind === 'folder';
  }

  isSymbolicLink() {
    return this.#kind === 'symlink';
  }

  isCharacterDevice() {
    return this.#kind === 'null';
  }

  isBlockDevice() {
    return false;
  }

  isFIFO() {
    return false;
  }

  isSocket() {
    return false;
  }
}

/** What is in a folder, by names in it or as `Dirent`s. `listing` has a name within it and a kind for each. */
export const shownListing = (listing, folder, { withFileTypes = false, encoding } = {}) =>
  listing.map(([name, kind]) =>
    withFileTypes ? new Dirent(named(path.basename(name), encoding), path.join(folder, path.dirname(name)), kind) : named(name, encoding),
  );

export class Dir {
  #entries;
  #isClosed = false;

  constructor(folder, entries) {
    this.path = folder;
    this.#entries = entries;
  }

  readSync() {
    if (this.#isClosed) throw closed();
    return this.#entries.shift() ?? null;
  }

  read(done) {
    return answered(async () => this.readSync(), done);
  }

  closeSync() {
    if (this.#isClosed) throw closed();
    this.#isClosed = true;
  }

  close(done) {
    return answered(async () => this.closeSync(), done);
  }

  async *entries() {
    try {
      for (let entry = this.readSync(); entry; entry = this.readSync()) yield entry;
    } finally {
      this.closeSync();
    }
  }

  [Symbol.asyncIterator]() {
    return this.entries();
  }
}

const closed = () => Object.assign(systemError('EBADF', 'close'), { code: 'ERR_DIR_CLOSED', message: 'Directory handle was closed' });

function answered(work, done) {
  if (!done) return work();
  work().then((value) => done(null, value), done);
  return undefined;
}
