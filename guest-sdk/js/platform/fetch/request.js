// Request.

import { inspect } from '../inspect.js';
import { AbortController } from '../abort.js';
import { define } from '../globals.js';
import { Body, extract, isStream, markUsed, partsOf, split } from './body.js';
import { Headers } from './headers.js';

// Those that the standard writes in capitals.
const COMMON = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'];

const FORBIDDEN = ['CONNECT', 'TRACE', 'TRACK'];

const REDIRECTS = ['follow', 'manual', 'error'];

const methodOf = (given) => {
  const text = String(given);
  if (!/^[!#$%&'*+\-.^_`|~0-9a-zA-Z]+$/.test(text)) throw new TypeError(`'${text}' is not a valid HTTP method.`);
  const method = text.toUpperCase();
  if (FORBIDDEN.includes(method)) throw new TypeError(`'${text}' HTTP method is unsupported.`);
  return COMMON.includes(method) ? method : text;
};

const parse = (input) => {
  let url;
  try {
    url = new URL(input);
  } catch (cause) {
    throw new TypeError(`Failed to parse URL from ${input}`, { cause });
  }
  if (url.username || url.password) throw new TypeError(`Request cannot be constructed from a URL that includes credentials: ${input}`);
  return url;
};

// For who sends it; set by the class. To read a URL takes longer than all the rest of a request.
let urlOf;

// What means something to browsers only, and is told as it was given.
const UNUSED = {
  cache: 'default',
  credentials: 'same-origin',
  destination: '',
  integrity: '',
  keepalive: false,
  mode: 'cors',
  referrer: 'about:client',
  referrerPolicy: '',
};

export class Request extends Body {
  #url;
  #href;
  #method;
  #headers;
  #signal;
  #redirect;

  constructor(input, init = {}) {
    const from = input instanceof Request ? input : undefined;
    const url = from ? from.#url : parse(String(input));
    const method = init.method === undefined ? (from?.#method ?? 'GET') : methodOf(init.method);
    const ownsBody = init.body !== undefined && init.body !== null;
    if ((ownsBody || (from && Object.values(partsOf(from)).some(Boolean))) && (method === 'GET' || method === 'HEAD')) {
      throw new TypeError('Request with GET/HEAD method cannot have body.');
    }
    if (from && !ownsBody && from.bodyUsed)
      throw new TypeError('Cannot construct a Request with a Request object that has already been used.');
    // A stream that the sender may read before it is answered: who sends one must know it.
    if (ownsBody && isStream(init.body) && init.duplex === undefined) {
      throw new TypeError('RequestInit: duplex option is required when sending a body.');
    }
    const parts = ownsBody ? extract(init.body) : from ? partsOf(from) : {};
    super(parts);
    if (from && !ownsBody && (parts.bytes || parts.stream || parts.source)) markUsed(from);
    this.#url = url;
    this.#href = from ? from.#href : url.href;
    this.#method = method;
    this.#headers = new Headers(init.headers ?? from?.#headers);
    if (parts.type && !this.#headers.has('content-type')) this.#headers.set('content-type', parts.type);
    const signal = init.signal === undefined ? from?.#signal : init.signal;
    if (signal && typeof signal.aborted !== 'boolean') throw new TypeError('RequestInit: signal is no AbortSignal.');
    this.#signal = signal ?? undefined;
    this.#redirect = `${init.redirect ?? from?.#redirect ?? 'follow'}`;
    if (!REDIRECTS.includes(this.#redirect)) {
      throw new TypeError(`Request constructor: ${this.#redirect} is not an accepted type. Expected one of ${REDIRECTS.join(', ')}.`);
    }
    for (const [name, value] of Object.entries(UNUSED)) {
      Object.defineProperty(this, name, { value: init[name] ?? from?.[name] ?? value, configurable: true });
    }
  }

  static {
    urlOf = (request) => request.#url;
  }

  get url() {
    return this.#href;
  }

  get method() {
    return this.#method;
  }

  get headers() {
    return this.#headers;
  }

  get signal() {
    this.#signal ??= new AbortController().signal;
    return this.#signal;
  }

  get redirect() {
    return this.#redirect;
  }

  get duplex() {
    return 'half';
  }

  clone() {
    const { bytes, stream } = split(this);
    return new Request(this.#href, { ...this.#given(), body: bytes ?? stream, duplex: 'half' });
  }

  #given() {
    const unused = Object.keys(UNUSED).map((name) => [name, this[name]]);
    return { ...Object.fromEntries(unused), method: this.#method, headers: this.#headers, signal: this.#signal, redirect: this.#redirect };
  }

  get [Symbol.toStringTag]() {
    return 'Request';
  }

  [inspect.custom](depth, options) {
    const { method, url, headers, redirect, signal } = this;
    return `Request ${inspect({ method, url, headers, redirect, signal }, options)}`;
  }
}

export { urlOf };

define({ Request });
