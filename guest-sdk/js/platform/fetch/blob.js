// Blob and File, held in memory.

import { decode, encode } from '../encoding.js';
import { define } from '../globals.js';
import { ReadableStream, join } from '../streams.js';

const bytesOf = (part, endings) => {
  if (part instanceof Blob) return bytesOfBlob(part);
  if (part instanceof ArrayBuffer) return new Uint8Array(part.slice());
  if (ArrayBuffer.isView(part)) return new Uint8Array(part.buffer, part.byteOffset, part.byteLength).slice();
  return encode(endings === 'native' ? String(part).replace(/\r\n?/g, '\n') : part);
};

const place = (at, size) => (at < 0 ? Math.max(size + at, 0) : Math.min(at, size));

// How much of a blob its stream gives at once.
const PIECE = 65536;

let bytesOfBlob;

export class Blob {
  #bytes;
  #type;

  constructor(parts = [], { type = '', endings = 'transparent' } = {}) {
    if (typeof parts !== 'object' || !(Symbol.iterator in parts)) throw new TypeError('Blob: the parts are no sequence.');
    this.#bytes = join([...parts].map((part) => bytesOf(part, endings)));
    this.#type = /[^\x20-\x7e]/.test(type) ? '' : String(type).toLowerCase();
  }

  static {
    bytesOfBlob = (blob) => blob.#bytes;
  }

  get size() {
    return this.#bytes.length;
  }

  get type() {
    return this.#type;
  }

  slice(start = 0, end = this.size, type = '') {
    const [from, to] = [place(start, this.size), place(end, this.size)];
    return new Blob([this.#bytes.subarray(from, Math.max(from, to))], { type });
  }

  async arrayBuffer() {
    return this.#bytes.slice().buffer;
  }

  async bytes() {
    return this.#bytes.slice();
  }

  async text() {
    return decode(this.#bytes);
  }

  stream() {
    const bytes = this.#bytes;
    let at = 0;
    return new ReadableStream({
      type: 'bytes',
      pull(controller) {
        if (at < bytes.length) controller.enqueue(bytes.slice(at, (at += PIECE)));
        if (at >= bytes.length) {
          controller.close();
          controller.byobRequest?.respond(0);
        }
      },
    });
  }

  get [Symbol.toStringTag]() {
    return 'Blob';
  }
}

export class File extends Blob {
  #name;
  #lastModified;

  constructor(parts, name, options = {}) {
    super(parts, options);
    this.#name = String(name);
    this.#lastModified = options.lastModified === undefined ? Date.now() : Number(options.lastModified);
  }

  get name() {
    return this.#name;
  }

  get lastModified() {
    return this.#lastModified;
  }

  get webkitRelativePath() {
    return '';
  }

  get [Symbol.toStringTag]() {
    return 'File';
  }
}

export { bytesOfBlob };

define({ Blob, File });
