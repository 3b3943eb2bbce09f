// node:url: the web's URL, and the older functions in its terms.

import { format, parse, resolve, Url } from './url_legacy.js';

const { URL, URLSearchParams } = globalThis;

export function fileURLToPath(given) {
  const url = new URL(given);
  if (url.protocol !== 'file:') {
    throw Object.assign(new TypeError('The URL must be of scheme file'), { code: 'ERR_INVALID_URL_SCHEME' });
  }
  if (url.hostname !== '') {
    throw Object.assign(new TypeError('File URL host must be "localhost" or empty on linux'), { code: 'ERR_INVALID_FILE_URL_HOST' });
  }
  if (/%2f/i.test(url.pathname)) {
    throw Object.assign(new TypeError('File URL path must not include encoded / characters'), { code: 'ERR_INVALID_FILE_URL_PATH' });
  }
  return decodeURIComponent(url.pathname);
}

const ESCAPED = /[%\\\n\r\t?#]/g;

export function pathToFileURL(path) {
  const absolute = path.startsWith('/') ? path : `/${path}`;
  return new URL(`file://${absolute.replace(ESCAPED, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)}`);
}

export function urlToHttpOptions(url) {
  const { protocol, hostname, hash, search, pathname, href, port, username, password } = url;
  const options = { protocol, hostname: hostname.replace(/^\[|\]$/g, ''), hash, search, pathname, path: pathname + search, href };
  if (port !== '') options.port = Number(port);
  if (username || password) options.auth = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return options;
}

export const domainToASCII = (domain) => (URL.canParse(`http://${domain}`) ? new URL(`http://${domain}`).hostname : '');
export const domainToUnicode = (domain) => domain;

export const resolveObject = (from, to) => parse(resolve(from, to));

export { URL, URLSearchParams, Url, format, parse, resolve };

export default {
  URL,
  URLSearchParams,
  Url,
  domainToASCII,
  domainToUnicode,
  fileURLToPath,
  format,
  parse,
  pathToFileURL,
  resolve,
  resolveObject,
  urlToHttpOptions,
};
