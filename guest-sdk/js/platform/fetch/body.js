// What requests and responses share: their bodies.

import { decode, encode } from '../encoding.js';
import { ReadableStream, isTouched, readAll } from '../streams.js';
import { Blob, bytesOfBlob } from './blob.js';
import { FormData } from './form_data.js';
import * as multipart from './multipart.js';

/** Whether pieces of a body may come later. */
export function isStream(init) {
  return init instanceof ReadableStream || (typeof init === 'object' && init !== null && isAsyncIterable(init));
}

// As Node has it: streams of Node's and other sources of pieces.
const isAsyncIterable = (init) => Symbol.asyncIterator in init && !(init instanceof Blob) && !(init instanceof FormData);

/** What a body is made of: `bytes`, a `stream`, or a `source` that has not been asked yet; and its type. */
export function extract(init) {
  if (init === undefined || init === null) return {};
  if (init instanceof ReadableStream) {
    if (isTouched(init)) throw new TypeError('Response body object should not be disturbed or locked');
    return { stream: init };
  }
  if (init instanceof Blob) return { bytes: bytesOfBlob(init), type: init.type || undefined };
  if (init instanceof ArrayBuffer) return { bytes: new Uint8Array(init.slice()) };
  if (ArrayBuffer.isView(init)) return { bytes: new Uint8Array(init.buffer, init.byteOffset, init.byteLength).slice() };
  if (init instanceof FormData) return multipart.write(init);
  if (init instanceof URLSearchParams) {
    return { bytes: encode(init), type: 'application/x-www-form-urlencoded;charset=UTF-8' };
  }
  if (typeof init === 'object' && isAsyncIterable(init)) return { stream: ReadableStream.from(bytesOfPieces(init)) };
  return { bytes: encode(init), type: 'text/plain;charset=UTF-8' };
}

async function* bytesOfPieces(pieces) {
  for await (const piece of pieces) yield typeof piece === 'string' ? encode(piece) : piece;
}

// For requests, responses and who sends them; set by the class, as they look into it.
let partsOf;
let markUsed;
let split;

export class Body {
  #bytes;
  #stream;
  #source;
  #used = false;

  constructor({ bytes, stream, source }) {
    this.#bytes = bytes;
    this.#stream = stream;
    this.#source = source;
  }

  static {
    // The parts of a body, without touching it.
    partsOf = (body) => ({ bytes: body.#bytes, stream: body.#stream, source: body.#source });
    markUsed = (body) => {
      body.#used = true;
    };
    // The parts of a copy.
    split = (body) => {
      if (body.bodyUsed || body.#stream?.locked) throw new TypeError('The body has already been consumed.');
      if (body.#bytes) return { bytes: body.#bytes };
      if (!body.body) return {};
      const [one, other] = body.body.tee();
      body.#stream = one;
      return { stream: other };
    };
  }

  get body() {
    if (this.#stream) return this.#stream;
    if (this.#source) {
      this.#stream = this.#source.open();
      this.#source = undefined;
    } else if (this.#bytes) {
      this.#stream = new Blob([this.#bytes]).stream();
      if (this.#used) this.#stream.cancel();
      this.#bytes = undefined;
    }
    return this.#stream ?? null;
  }

  get bodyUsed() {
    return this.#used || (this.#stream !== undefined && this.#stream._disturbed === true);
  }

  async #consume() {
    if (this.bodyUsed || this.#stream?.locked) throw new TypeError('Body is unusable: Body has already been read');
    const [bytes, source, stream] = [this.#bytes, this.#source, this.#stream];
    this.#source = undefined;
    this.#used = Boolean(bytes ?? source ?? stream);
    if (source) return source.collect();
    return bytes ?? (stream ? readAll(stream) : new Uint8Array());
  }

  async bytes() {
    return (await this.#consume()).slice();
  }

  async arrayBuffer() {
    return (await this.bytes()).buffer;
  }

  async text() {
    const text = decode(await this.#consume());
    return text.startsWith('\ufeff') ? text.slice(1) : text;
  }

  async json() {
    return JSON.parse(await this.text());
  }

  async blob() {
    return new Blob([await this.#consume()], { type: this.headers.get('content-type') ?? '' });
  }

  async formData() {
    const type = this.headers.get('content-type') ?? '';
    const bytes = await this.#consume();
    if (/^multipart\/form-data/i.test(type)) return multipart.read(bytes, type);
    if (!/^application\/x-www-form-urlencoded/i.test(type)) {
      throw new TypeError('Content-Type was not one of "multipart/form-data" or "application/x-www-form-urlencoded".');
    }
    const form = new FormData();
    for (const [name, value] of new URLSearchParams(decode(bytes))) form.append(name, value);
    return form;
  }
}

export { markUsed, partsOf, split };
