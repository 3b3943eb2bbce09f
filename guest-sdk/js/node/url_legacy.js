// url.parse, url.format and url.resolve, which Node keeps for old code.

import querystring from './querystring.js';

const PARTS = /^([a-z][a-z0-9+.-]*:)?(\/\/)?(.*)$/is;
const SLASHED = ['http:', 'https:', 'ftp:', 'gopher:', 'file:', 'ws:', 'wss:'];

export class Url {
  protocol = null;
  slashes = null;
  auth = null;
  host = null;
  port = null;
  hostname = null;
  hash = null;
  search = null;
  query = null;
  pathname = null;
  path = null;
  href = null;

  format() {
    return format(this);
  }

  resolve(relative) {
    return resolve(format(this), relative);
  }
}

export function parse(text, parsesQuery = false, slashesMeanHost = false) {
  if (text instanceof Url) return text;
  const url = new Url();
  let [, protocol, slashes, rest] = PARTS.exec(String(text).trim());
  if (protocol) url.protocol = protocol.toLowerCase();
  const hasHost = slashes && (protocol || slashesMeanHost);
  if (slashes && !hasHost) rest = slashes + rest;
  if (hasHost) {
    url.slashes = true;
    const end = rest.search(/[/?#]/);
    takeHost(url, end === -1 ? rest : rest.slice(0, end));
    rest = end === -1 ? '' : rest.slice(end);
  }
  takePath(url, rest, parsesQuery);
  if (SLASHED.includes(url.protocol) && url.host !== null && url.pathname === null) url.pathname = '/';
  if (url.pathname !== null || url.search) url.path = (url.pathname ?? '') + (url.search ?? '');
  url.href = format(url);
  return url;
}

function takeHost(url, text) {
  const at = text.lastIndexOf('@');
  if (at !== -1) url.auth = decodeURIComponent(text.slice(0, at));
  const [, hostname, port] = /^(.*?)(?::(\d*))?$/s.exec(text.slice(at + 1).toLowerCase());
  url.port = port || null;
  url.hostname = hostname.replace(/^\[(.*)\]$/, '$1');
  url.host = hostname + (port ? `:${port}` : '');
}

function takePath(url, text, parsesQuery) {
  const escaped = text.replace(/[\s"'<>\\^`{|}]/g, (each) => encodeURIComponent(each).replace("'", '%27'));
  const [, pathname, search, hash] = /^([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(escaped);
  url.hash = hash ?? null;
  url.search = search ?? (parsesQuery ? '' : null);
  url.query = search === undefined ? (parsesQuery ? Object.create(null) : null) : search.slice(1);
  if (parsesQuery && typeof url.query === 'string') url.query = querystring.parse(url.query);
  url.pathname = pathname || null;
}

export function format(url, options = {}) {
  if (typeof url === 'string') return format(parse(url));
  if (url instanceof URL) return formatOfURL(url, options);
  const protocol = url.protocol ? url.protocol.replace(/:?$/, ':') : '';
  const auth = url.auth ? `${encodeURIComponent(url.auth).replace(/%3A/i, ':')}@` : '';
  let host = url.host ?? undefined;
  if (host === undefined && url.hostname) {
    host = (url.hostname.includes(':') ? `[${url.hostname}]` : url.hostname) + (url.port ? `:${url.port}` : '');
  }
  let pathname = (url.pathname ?? '').replace(/[?#]/g, encodeURIComponent);
  const query = url.query && typeof url.query === 'object' ? querystring.stringify(url.query) : '';
  let search = url.search || (query && `?${query}`) || '';
  if (search && !search.startsWith('?')) search = `?${search}`;
  let hash = url.hash ?? '';
  if (hash && !hash.startsWith('#')) hash = `#${hash}`;
  const hasSlashes = url.slashes || ((!protocol || SLASHED.includes(protocol)) && host !== undefined);
  if (hasSlashes && host !== undefined && pathname && !pathname.startsWith('/')) pathname = `/${pathname}`;
  const authority = hasSlashes ? `//${host === undefined ? '' : auth + host}` : host === undefined ? '' : auth + host;
  return protocol + authority + pathname + search.replace('#', '%23') + hash;
}

function formatOfURL(url, { auth = true, fragment = true, search = true }) {
  const copy = new URL(url);
  if (!auth) copy.username = copy.password = '';
  if (!fragment) copy.hash = '';
  if (!search) copy.search = '';
  return copy.href;
}

// A base that no address has, to resolve paths with the web's rules.
const NOWHERE = 'resolve://nowhere';

export function resolve(from, to) {
  const resolved = new URL(to, new URL(from, `${NOWHERE}/`));
  if (resolved.protocol !== 'resolve:') return resolved.href;
  return resolved.pathname + resolved.search + resolved.hash;
}
