// Streams of node:fs. They are functions and no classes, as packages call them without `new` and inherit from them.

import stream from './stream.cjs';
import { checkNumber, flagsOf, optionsOf, pathOf } from './fs_arguments.js';
import { closeSync, fsyncSync, openSync, readSync, writeSync } from './fs_files.js';
import { later } from './fs_later.js';
import { Buffer } from './buffer.js';

const { Readable, Writable } = stream;

const [open, close, read, write, sync] = [openSync, closeSync, readSync, writeSync, fsyncSync].map((work) => later(work));

const outOfRange = (name, value) =>
  Object.assign(new RangeError(`The value of "${name}" is out of range. It must be >= 0. Received ${value}`), { code: 'ERR_OUT_OF_RANGE' });

/** What both have: the file, which is opened now or was before, and what closes it. */
function begin(self, given, options) {
  const { fd, start } = options;
  if (start !== undefined && !(start >= 0)) throw outOfRange('start', start);
  // A FileHandle, which closes what it has opened.
  self.handle = typeof fd === 'object' && fd !== null ? fd : undefined;
  self.fd = self.handle?.fd ?? fd ?? null;
  self.path = self.fd === null ? pathOf(given) : undefined;
  self.flags = options.flags;
  self.start = start;
  if (self.fd !== null) checkNumber(self.fd);
  else flagsOf(options.flags);
}

function construct(done) {
  if (this.fd !== null) {
    done();
    return;
  }
  open(this.path, this.flags, (error, fd) => {
    if (error) {
      done(error);
      return;
    }
    this.fd = fd;
    done();
    this.emit('open', fd);
    this.emit('ready');
  });
}

function destroy(error, done) {
  const { fd, handle } = this;
  this.fd = null;
  if (fd === null) done(error);
  else if (handle) handle.close().then(() => done(error), (problem) => done(error ?? problem));
  else close(fd, (problem) => done(error ?? problem));
}

const finish = function (done) {
  if (done) this.once('close', () => done());
  this.destroy();
};

const pending = {
  get() {
    return this.fd === null;
  },
  configurable: true,
};

export function ReadStream(given, options) {
  if (!(this instanceof ReadStream)) return new ReadStream(given, options);
  const settings = optionsOf(options, { flags: 'r', autoClose: true, emitClose: true, highWaterMark: 64 * 1024 });
  begin(this, given, settings);
  const { end = Infinity } = settings;
  if (!(end >= 0)) throw outOfRange('end', end);
  this.end = end;
  this.pos = this.start;
  this.bytesRead = 0;
  const { encoding, highWaterMark, emitClose, signal, autoClose } = settings;
  Readable.call(this, { encoding, highWaterMark, emitClose, signal, autoDestroy: autoClose });
  return this;
}

Object.setPrototypeOf(ReadStream, Readable);
ReadStream.prototype = Object.create(Readable.prototype, { constructor: { value: ReadStream, writable: true, configurable: true } });
Object.defineProperty(ReadStream.prototype, 'pending', pending);

Object.assign(ReadStream.prototype, {
  _construct: construct,
  _destroy: destroy,
  close: finish,

  _read(size) {
    const at = (this.start ?? 0) + this.bytesRead;
    const length = Math.min(size, this.end - at + 1);
    if (length <= 0) {
      this.push(null);
      return;
    }
    const buffer = Buffer.allocUnsafeSlow(length);
    read(this.fd, buffer, 0, length, this.start === undefined ? null : at, (error, count) => {
      if (error) {
        this.destroy(error);
        return;
      }
      this.bytesRead += count;
      this.push(count > 0 ? buffer.subarray(0, count) : null);
    });
  },
});

export function WriteStream(given, options) {
  if (!(this instanceof WriteStream)) return new WriteStream(given, options);
  const settings = optionsOf(options, { flags: 'w', autoClose: true, emitClose: true });
  begin(this, given, settings);
  this.pos = this.start;
  this.bytesWritten = 0;
  this.flush = settings.flush === true;
  const { encoding, highWaterMark, emitClose, signal, autoClose } = settings;
  Writable.call(this, { defaultEncoding: encoding ?? 'utf8', highWaterMark, emitClose, signal, autoDestroy: autoClose });
  return this;
}

Object.setPrototypeOf(WriteStream, Writable);
WriteStream.prototype = Object.create(Writable.prototype, { constructor: { value: WriteStream, writable: true, configurable: true } });
Object.defineProperty(WriteStream.prototype, 'pending', pending);

Object.assign(WriteStream.prototype, {
  _construct: construct,
  _destroy: destroy,
  destroySoon: Writable.prototype.end,

  close(done) {
    if (this.destroyed) {
      if (done) queueMicrotask(done);
      return;
    }
    if (done) this.once('close', () => done());
    this.end();
  },

  _write(chunk, encoding, done) {
    const at = this.start === undefined ? null : this.start + this.bytesWritten;
    write(this.fd, chunk, 0, chunk.length, at, (error, count) => {
      if (!error) this.bytesWritten += count;
      done(error);
    });
  },

  _writev(chunks, done) {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'buffer', done);
  },

  _final(done) {
    if (this.flush) sync(this.fd, done);
    else done();
  },
});

export const createReadStream = (given, options) => new ReadStream(given, options);
export const createWriteStream = (given, options) => new WriteStream(given, options);
