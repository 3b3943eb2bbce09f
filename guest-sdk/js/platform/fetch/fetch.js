// fetch.

import { define } from '../globals.js';
import { partsOf } from './body.js';
import { readDataUrl } from './data_url.js';
import { Exchange, makeRoom, passOn, turn } from './exchange.js';
import { Headers } from './headers.js';
import { Request, urlOf } from './request.js';
import { receive } from './response.js';
import { STATUS_TEXTS } from './status_texts.js';
import { acceptedBy, bodyOf, onAbort, send } from './transfer.js';

const REDIRECTS = [301, 302, 303, 307, 308];
const MOST_REDIRECTS = 20;

// The host's business; who sets them elsewhere is not to fail here.
const CONNECTION = [
  'connection',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

// Not for another server to see.
const SECRETS = ['authorization', 'cookie', 'proxy-authorization'];
const OF_BODY = ['content-encoding', 'content-language', 'content-length', 'content-location', 'content-type'];

const failed = (cause) => new TypeError('fetch failed', { cause });

export async function fetch(input, init) {
  const request = new Request(input, init);
  const { signal } = init?.signal || input instanceof Request ? request : {};
  if (urlOf(request).protocol === 'data:') return ofDataUrl(urlOf(request), signal);
  const { stream, bytes, source } = partsOf(request);
  let target = {
    url: urlOf(request),
    method: request.method,
    headers: new Headers(request.headers),
    body: stream || bytes || source ? { bytes, stream: bytes ? undefined : request.body } : undefined,
  };
  for (let redirects = 0; ; redirects += 1) {
    const { exchange, answer } = await ask(target, signal);
    const headers = new Headers(answer.headers);
    const location = headers.get('location');
    if (!REDIRECTS.includes(answer.status) || location === null || request.redirect === 'manual') {
      return responseOf(exchange, answer, headers, { target, redirected: redirects > 0, signal });
    }
    exchange.abandon();
    if (request.redirect === 'error') throw failed(new Error('unexpected redirect'));
    if (redirects === MOST_REDIRECTS) throw failed(new Error('redirect count exceeded'));
    target = redirect(target, answer.status, location);
  }
}

function ofDataUrl(url, signal) {
  signal?.throwIfAborted?.();
  let read;
  try {
    read = readDataUrl(url);
  } catch (cause) {
    throw failed(cause);
  }
  const headers = new Headers({ 'content-type': read.type });
  return receive({ status: 200, statusText: 'OK', headers }, { url: withoutFragment(url), redirected: false, bytes: read.bytes });
}

/** Sends a request, and waits for the beginning of the answer. */
async function ask({ url, method, headers, body }, signal) {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw failed(new Error(`unknown scheme: ${url.protocol}`));
  await makeRoom();
  await turn().catch((cause) => {
    throw failed(cause);
  });
  let exchange;
  try {
    signal?.throwIfAborted?.();
    exchange = new Exchange({ url, method, headers: lineUp(url, headers, method, body), hasBody: body !== undefined });
  } catch (cause) {
    passOn();
    throw signal?.aborted ? cause : failed(cause);
  }
  const stop = onAbort(signal, (reason) => exchange.abandon(reason));
  try {
    const answered = exchange.response();
    if (body) void send(exchange, body);
    return { exchange, answer: await answered };
  } catch (error) {
    throw signal?.aborted ? signal.reason : failed(error);
  } finally {
    stop();
  }
}

/** The headers as they are sent, in pairs. */
function lineUp(url, given, method, body) {
  const headers = new Headers(given);
  const defaults = { accept: '*/*', 'accept-encoding': acceptedBy(url), 'user-agent': 'isolet' };
  for (const name of CONNECTION) headers.delete(name);
  for (const [name, value] of Object.entries(defaults)) if (!headers.has(name)) headers.set(name, value);
  if (body?.bytes) headers.set('content-length', body.bytes.length);
  else if (!body && (method === 'POST' || method === 'PUT')) headers.set('content-length', '0');
  return [...headers];
}

function responseOf(exchange, { status }, headers, { target, redirected, signal }) {
  const isEmpty = target.method === 'HEAD' || [101, 204, 205, 304].includes(status);
  if (isEmpty) exchange.abandon();
  const answer = { url: withoutFragment(target.url), redirected };
  if (!isEmpty) answer.source = bodyOf(exchange, headers, signal);
  return receive({ status, statusText: STATUS_TEXTS[status] ?? '', headers }, answer);
}

const withoutFragment = (url) => url.href.replace(/#.*$/, '');

/** Where a redirect leads to, and how to ask there. */
function redirect({ url, method, headers, body }, status, location) {
  if (!URL.canParse(location, url.href)) throw failed(new Error(`invalid redirect URL ${location}`));
  const next = new URL(location, url.href);
  if (next.hash === '') next.hash = url.hash;
  const kept = new Headers(headers);
  const changes = (status === 303 && method !== 'GET' && method !== 'HEAD') || ((status === 301 || status === 302) && method === 'POST');
  if (next.origin !== url.origin) for (const name of SECRETS) kept.delete(name);
  if (changes) {
    for (const name of OF_BODY) kept.delete(name);
    return { url: next, method: 'GET', headers: kept, body: undefined };
  }
  if (body && !body.bytes) throw failed(new Error('a body that was streamed can not be sent again after a redirect'));
  return { url: next, method, headers: kept, body };
}

define({ fetch });
