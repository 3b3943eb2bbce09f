// A request of node:http. It goes out with the first of its body, or with its end.

import stream from './stream.cjs';
import { Exchange } from '../platform/fetch/exchange.js';
import { clearTimeout, setTimeout } from '../platform/timers.js';
import { Buffer } from './buffer.js';
import EventEmitter from './events.cjs';
import { globalAgent } from './http_common.js';
import { IncomingMessage } from './http_message.js';

// The host's business.
const CONNECTION = ['connection', 'expect', 'host', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

/** What packages ask of a socket. */
class Socket extends EventEmitter {
  connecting = false;
  encrypted = true;
  authorized = true;
  destroyed = false;
  setKeepAlive = () => this;
  setNoDelay = () => this;
  setTimeout = () => this;
  ref = () => this;
  unref = () => this;
  destroy = () => this;
}

const urlOf = ({ protocol, host = 'localhost', hostname = host, port, path = '/' }) => {
  const name = hostname.includes(':') && !hostname.startsWith('[') ? `[${hostname}]` : hostname;
  return new URL(`${protocol}//${name}${port ? `:${port}` : ''}${path.startsWith('/') ? path : `/${path}`}`);
};

export class ClientRequest extends stream.Writable {
  #headers = new Map();
  #exchange;
  #url;
  #timer;

  constructor(options, listener) {
    super({ autoDestroy: false });
    this.#url = urlOf(options);
    this.method = String(options.method ?? 'GET').toUpperCase();
    this.protocol = this.#url.protocol;
    this.host = this.#url.hostname;
    this.path = this.#url.pathname + this.#url.search;
    this.agent = options.agent || globalAgent;
    this.reusedSocket = false;
    this.aborted = false;
    this.finished = false;
    this.socket = this.connection = new Socket();
    this.res = null;
    this.#takeHeaders(options.headers ?? {});
    if (options.auth && !this.hasHeader('authorization')) {
      this.setHeader('authorization', `Basic ${Buffer.from(options.auth).toString('base64')}`);
    }
    if (listener) this.once('response', listener);
    if (options.timeout) this.setTimeout(options.timeout);
    if (options.signal) this.#follow(options.signal);
    queueMicrotask(() => this.emit('socket', this.socket));
  }

  #takeHeaders(headers) {
    if (Array.isArray(headers)) {
      const pairs = Array.isArray(headers[0]) ? headers : headers.flatMap((name, at) => (at % 2 === 0 ? [[name, headers[at + 1]]] : []));
      for (const [name, value] of pairs) this.appendHeader(name, value);
    } else {
      for (const [name, value] of Object.entries(headers)) if (value !== undefined) this.setHeader(name, value);
    }
  }

  #follow(signal) {
    const abort = () =>
      this.destroy(
        Object.assign(new Error('The operation was aborted', { cause: signal.reason }), { name: 'AbortError', code: 'ABORT_ERR' }),
      );
    if (signal.aborted) queueMicrotask(abort);
    else signal.addEventListener('abort', abort, { once: true });
  }

  setHeader(name, value) {
    this.#headers.set(name.toLowerCase(), { name, values: [value].flat().map(String) });
    return this;
  }

  appendHeader(name, value) {
    return this.setHeader(name, [...(this.#headers.get(name.toLowerCase())?.values ?? []), ...[value].flat()]);
  }

  getHeader(name) {
    const values = this.#headers.get(name.toLowerCase())?.values;
    return values?.length === 1 ? values[0] : values;
  }

  hasHeader(name) {
    return this.#headers.has(name.toLowerCase());
  }

  removeHeader(name) {
    this.#headers.delete(name.toLowerCase());
  }

  getHeaders() {
    return Object.fromEntries([...this.#headers.keys()].map((name) => [name, this.getHeader(name)]));
  }

  getHeaderNames() {
    return [...this.#headers.keys()];
  }

  getRawHeaderNames() {
    return [...this.#headers.values()].map(({ name }) => name);
  }

  get headersSent() {
    return this.#exchange !== undefined;
  }

  flushHeaders() {}

  setNoDelay() {}

  setSocketKeepAlive() {}

  /** Tells of it; whoever set it ends the request. */
  setTimeout(milliseconds, listener) {
    if (listener) this.once('timeout', listener);
    clearTimeout(this.#timer);
    if (milliseconds > 0) this.#timer = setTimeout(() => this.emit('timeout'), milliseconds);
    return this;
  }

  #send(hasBody) {
    const headers = [...this.#headers]
      .filter(([name]) => !CONNECTION.includes(name))
      .flatMap(([name, { values }]) => values.map((value) => [name, value]));
    this.#exchange = new Exchange({ url: this.#url, method: this.method, headers, hasBody });
    this.#exchange.response().then(
      (answer) => this.#answer(answer),
      (error) => this.destroy(error),
    );
  }

  #answer(answer) {
    clearTimeout(this.#timer);
    if (this.destroyed) return;
    const isEmpty = this.method === 'HEAD' || [204, 304].includes(answer.status);
    this.res = new IncomingMessage(this.#exchange, answer, this.socket, isEmpty);
    this.res.req = this;
    this.res.once('close', () => this.emit('close'));
    // Nobody wants it, so nobody would read it.
    if (!this.emit('response', this.res)) this.res.resume();
  }

  _write(chunk, encoding, done) {
    try {
      if (!this.#exchange) this.#send(true);
    } catch (error) {
      done(error);
      return;
    }
    this.#exchange.send(chunk).then(() => done(), done);
  }

  _final(done) {
    this.finished = true;
    try {
      if (!this.#exchange) this.#send(false);
      else this.#exchange.endBody();
      done();
    } catch (error) {
      done(error);
    }
  }

  abort() {
    this.aborted = true;
    this.emit('abort');
    this.destroy();
  }

  _destroy(error, done) {
    clearTimeout(this.#timer);
    const reason = error ?? (this.res ? null : Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
    this.#exchange?.abandon(reason ?? new Error('aborted'));
    if (this.res && !this.res.complete) this.res.destroy(error ?? undefined);
    done(reason);
  }
}
