// Blob and File, held in memory.

import { decode, encode } from '../encoding.js';
import { define } from '../globals.js';
import { ReadableStream, join } from '../streams.js';

const isBytes = (part) => part instanceof ArrayBuffer || ArrayBuffer.isView(part);

const bytesOf = (part, endings) => {
  if (part instanceof Blob) return bytesOfBlob(part);
  if (part instanceof ArrayBuffer) return new Uint8Array(part.slice());
  if (ArrayBuffer.isView(part)) return new Uint8Array(part.buffer, part.byteOffset, part.byteLength).slice();
  return encode(endings === 'native' ? part.replace(/\r\n?/g, '\n') : part);
};

// A list of what may be in a blob; anything else is taken as a text, in its turn.
const partsOf = (given) => {
  const isObject = typeof given === 'function' || (typeof given === 'object' && given !== null);
  if (!isObject) throw new TypeError('Blob: the parts are no sequence.');
  const parts = [];
  for (const part of given) parts.push(part instanceof Blob || isBytes(part) ? part : `${part}`);
  return parts;
};

const ENDINGS = ['transparent', 'native'];

/** The options that were given, each read once, in the order of the standard. */
const optionsOf = (given) => {
  const options = given ?? {};
  if (typeof options !== 'object' && typeof options !== 'function') throw new TypeError('Blob: the options are no object.');
  // The engine reads a field twice that is taken apart with a default.
  const { endings } = options;
  const wanted = endings === undefined ? 'transparent' : `${endings}`;
  if (!ENDINGS.includes(wanted)) throw new TypeError(`Blob: '${wanted}' are no endings.`);
  const { type } = options;
  return { endings: wanted, type: type === undefined ? '' : `${type}` };
};

const place = (at, size) => (at < 0 ? Math.max(size + at, 0) : Math.min(at, size));

// How much of a blob its stream gives at once.
const PIECE = 65536;

let bytesOfBlob;

export class Blob {
  #bytes;
  #type;

  constructor(given = [], options = undefined) {
    const parts = partsOf(given);
    const { endings, type } = optionsOf(options);
    this.#bytes = join(parts.map((part) => bytesOf(part, endings)));
    this.#type = /[^\x20-\x7e]/.test(type) ? '' : type.toLowerCase();
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

  constructor(parts, name, options = undefined) {
    if (arguments.length < 2) throw new TypeError('File: parts and a name are needed.');
    if (parts === undefined) throw new TypeError('Blob: the parts are no sequence.');
    super(parts, options);
    this.#name = `${name}`.toWellFormed();
    const { lastModified } = options ?? {};
    // A whole number, as `Math.trunc` has it of what is none.
    this.#lastModified = lastModified === undefined ? Date.now() : Math.trunc(Number(lastModified)) || 0;
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
