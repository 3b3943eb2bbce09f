// URL and URLSearchParams, of core-js. Names of hosts beyond ASCII become Punycode; their letters are only made small.

import 'core-js/web/url.js';
import 'core-js/web/url-search-params.js';
import { inspect } from './inspect.js';

const { URL, URLSearchParams } = globalThis;

const parts = ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search'];

Object.defineProperties(URL.prototype, {
  [inspect.custom]: {
    value(depth, options) {
      const shown = Object.fromEntries([...parts, 'searchParams', 'hash'].map((part) => [part, this[part]]));
      return `URL ${inspect(shown, options)}`;
    },
    configurable: true,
  },
});

Object.defineProperties(URLSearchParams.prototype, {
  [inspect.custom]: {
    value(depth, options) {
      const pairs = [...this].map(([name, value]) => `${inspect(name, options)} => ${inspect(value, options)}`);
      return pairs.length === 0 ? 'URLSearchParams {}' : `URLSearchParams { ${pairs.join(', ')} }`;
    },
    configurable: true,
  },
});

export { URL, URLSearchParams };
