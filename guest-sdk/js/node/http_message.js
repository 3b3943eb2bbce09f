// The answer to a request of node:http.

import stream from './stream.cjs';
import { STATUS_TEXTS } from '../platform/fetch/status_texts.js';
import { Buffer } from './buffer.js';

// Those that make no sense twice: the first one counts.
const SINGLE = new Set([
  'age',
  'authorization',
  'content-length',
  'content-type',
  'etag',
  'expires',
  'from',
  'host',
  'if-modified-since',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'referer',
  'retry-after',
  'server',
  'user-agent',
]);

export class IncomingMessage extends stream.Readable {
  #exchange;
  #isEmpty;

  constructor(exchange, { status, headers }, socket, isEmpty) {
    super({ autoDestroy: true });
    this.#exchange = exchange;
    this.#isEmpty = isEmpty;
    this.statusCode = status;
    this.statusMessage = STATUS_TEXTS[status] ?? '';
    this.httpVersion = '1.1';
    this.httpVersionMajor = 1;
    this.httpVersionMinor = 1;
    this.complete = false;
    this.aborted = false;
    this.socket = this.connection = socket;
    this.rawHeaders = headers.flat();
    this.headers = Object.create(null);
    this.trailers = {};
    this.rawTrailers = [];
    for (const [name, value] of headers) this.#take(name.toLowerCase(), value);
  }

  #take(name, value) {
    const known = this.headers[name];
    if (name === 'set-cookie') this.headers[name] = [...(known ?? []), value];
    else if (known === undefined) this.headers[name] = value;
    else if (!SINGLE.has(name)) this.headers[name] = `${known}${name === 'cookie' ? '; ' : ', '}${value}`;
  }

  get headersDistinct() {
    return Object.fromEntries(Object.entries(this.headers).map(([name, value]) => [name, [value].flat()]));
  }

  setTimeout() {
    return this;
  }

  _read() {
    if (this.#isEmpty) {
      this.#end();
      return;
    }
    this.#exchange.read().then(
      (piece) => {
        if (piece) this.push(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
        else this.#end();
      },
      (error) => this.destroy(Object.assign(error, { code: error.code ?? 'ECONNRESET' })),
    );
  }

  #end() {
    this.complete = true;
    this.push(null);
  }

  _destroy(error, done) {
    if (!this.complete) {
      this.aborted = true;
      this.#exchange.abandon(error ?? Object.assign(new Error('aborted'), { code: 'ECONNRESET' }));
    }
    done(error);
  }
}
