// FileHandle: a file that is open, for promises.

import EventEmitter from './events.cjs';
import { readableToWeb } from './stream_adapters.js';
import { optionsOf } from './fs_arguments.js';
import { systemError } from './fs_errors.js';
import * as files from './fs_files.js';
import { inTurn } from './fs_later.js';
import { ReadStream, WriteStream } from './fs_streams.js';
import { Buffer } from './buffer.js';

/** The pieces of what is written: one, if it is data itself. */
export async function* piecesOf(data) {
  const isData = typeof data === 'string' || ArrayBuffer.isView(data);
  if (isData || !(data?.[Symbol.asyncIterator] || data?.[Symbol.iterator])) yield data;
  else yield* data;
}

const closed = (syscall) => Object.assign(new Error('file closed'), { code: 'EBADF', syscall });

export class FileHandle extends EventEmitter {
  #fd;

  constructor(fd) {
    super();
    this.#fd = fd;
  }

  get fd() {
    return this.#fd;
  }

  #use(syscall, work, signal) {
    return inTurn(() => {
      if (this.#fd === -1) throw closed(syscall);
      return work(this.#fd);
    }, signal);
  }

  async close() {
    if (this.#fd === -1) return;
    const fd = this.#fd;
    this.#fd = -1;
    await inTurn(() => files.closeSync(fd));
    this.emit('close');
  }

  async read(buffer, offset, length, position) {
    const isData = ArrayBuffer.isView(buffer);
    const options = isData ? { offset, length, position } : (buffer ?? {});
    const target = isData ? buffer : (options.buffer ?? Buffer.alloc(16384));
    const span = typeof offset === 'object' && offset !== null ? [offset] : [options.offset, options.length ?? undefined, options.position];
    const bytesRead = await this.#use('read', (fd) => files.readSync(fd, target, ...span));
    return { bytesRead, buffer: target };
  }

  async readv(buffers, position) {
    return { bytesRead: await this.#use('read', (fd) => files.readvSync(fd, buffers, position)), buffers };
  }

  readFile(options) {
    return this.#use('read', (fd) => files.readFileSync(fd, options), options?.signal);
  }

  async write(buffer, ...rest) {
    return { bytesWritten: await this.#use('write', (fd) => files.writeSync(fd, buffer, ...rest)), buffer };
  }

  async writev(buffers, position) {
    return { bytesWritten: await this.#use('write', (fd) => files.writevSync(fd, buffers, position)), buffers };
  }

  async writeFile(data, options) {
    const { encoding, signal } = optionsOf(options);
    for await (const piece of piecesOf(data)) await this.#use('write', (fd) => files.writeFileSync(fd, piece, encoding), signal);
  }

  appendFile(data, options) {
    return this.writeFile(data, options);
  }

  stat(options) {
    return this.#use('fstat', (fd) => files.fstatSync(fd, options));
  }

  sync() {
    return this.#use('fsync', files.fsyncSync);
  }

  datasync() {
    return this.#use('fdatasync', files.fdatasyncSync);
  }

  truncate(length) {
    return this.#use('ftruncate', (fd) => files.ftruncateSync(fd, length));
  }

  utimes(accessed, modified) {
    return this.#use('futime', (fd) => files.futimesSync(fd, accessed, modified));
  }

  chmod() {
    return this.#use('fchmod', () => Promise.reject(systemError('ENOSYS', 'fchmod')));
  }

  chown() {
    return this.#use('fchown', () => Promise.reject(systemError('ENOSYS', 'fchown')));
  }

  createReadStream(options) {
    return new ReadStream(undefined, { ...options, fd: this });
  }

  createWriteStream(options) {
    return new WriteStream(undefined, { ...options, fd: this });
  }

  readableWebStream() {
    return readableToWeb(this.createReadStream({ autoClose: false }));
  }

  async *readLines(options) {
    let rest = '';
    for await (const piece of this.createReadStream({ encoding: 'utf8', ...options })) {
      const lines = (rest + piece).split(/\r?\n/);
      rest = lines.pop();
      yield* lines;
    }
    if (rest !== '') yield rest;
  }

  [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]() {
    return this.close();
  }
}
