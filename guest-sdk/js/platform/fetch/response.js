// Response.

import { inspect } from '../inspect.js';
import { define } from '../globals.js';
import { Body, extract, split } from './body.js';
import { Headers } from './headers.js';

const NO_BODY = [101, 204, 205, 304];
const REDIRECTS = [301, 302, 303, 307, 308];

/** Only for answers that came: a symbol that nobody else has. */
const received = Symbol('received');

export class Response extends Body {
  #status;
  #statusText;
  #headers;
  #url = '';
  #redirected = false;
  #type = 'default';

  constructor(body = null, init = {}) {
    const answer = init[received];
    const status = init.status === undefined ? 200 : Math.trunc(init.status);
    if (!answer && !(status >= 200 && status <= 599)) {
      throw new RangeError('init["status"] must be in the range of 200 to 599, inclusive.');
    }
    const parts = answer ? { source: answer.source, bytes: answer.bytes, stream: answer.stream } : extract(body);
    if (!answer && body !== null && NO_BODY.includes(status)) {
      throw new TypeError(`Response constructor: Invalid response status code ${status}`);
    }
    super(parts);
    this.#status = status;
    this.#statusText = String(init.statusText ?? '');
    this.#headers = new Headers(init.headers);
    if (parts.type && !this.#headers.has('content-type')) this.#headers.set('content-type', parts.type);
    if (answer) {
      this.#url = answer.url;
      this.#redirected = answer.redirected;
      this.#type = answer.type ?? 'basic';
    }
  }

  static error() {
    return new Response(null, { status: 0, [received]: { url: '', redirected: false, type: 'error' } });
  }

  static json(data, init = {}) {
    const text = JSON.stringify(data);
    if (text === undefined) throw new TypeError('Value is not JSON serializable');
    const headers = new Headers(init.headers);
    if (!headers.has('content-type')) headers.set('content-type', 'application/json');
    return new Response(text, { ...init, headers });
  }

  static redirect(url, status = 302) {
    if (!REDIRECTS.includes(status)) throw new RangeError(`Invalid status code ${status}`);
    return new Response(null, { status, headers: { location: new URL(url).href } });
  }

  get status() {
    return this.#status;
  }

  get ok() {
    return this.#status >= 200 && this.#status <= 299;
  }

  get statusText() {
    return this.#statusText;
  }

  get headers() {
    return this.#headers;
  }

  get url() {
    return this.#url;
  }

  get redirected() {
    return this.#redirected;
  }

  get type() {
    return this.#type;
  }

  clone() {
    const answer = { ...split(this), url: this.#url, redirected: this.#redirected, type: this.#type };
    const { status, statusText, headers } = this;
    return new Response(null, { status, statusText, headers, [received]: answer });
  }

  get [Symbol.toStringTag]() {
    return 'Response';
  }

  [inspect.custom](depth, options) {
    const { status, statusText, headers, body, bodyUsed, ok, redirected, type, url } = this;
    return `Response ${inspect({ status, statusText, headers, body, bodyUsed, ok, redirected, type, url }, options)}`;
  }
}

/** The response that an answer is: its status and headers, and in `answer` its url and where its body comes from. */
export function receive(init, answer) {
  return new Response(null, { ...init, [received]: answer });
}

define({ Response });
