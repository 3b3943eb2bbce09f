// URL and URLSearchParams, of core-js. Names of hosts beyond ASCII become Punycode; their letters are only made small.

import 'core-js/web/url.js';
import 'core-js/web/url-search-params.js';
import { define } from './globals.js';
import { inspect } from './inspect.js';

const { URL: Parsed, URLSearchParams } = globalThis;

// What is no URL is told as Node tells it: code looks at that.
const URL = new Proxy(Parsed, {
  construct(target, args, self) {
    try {
      return Reflect.construct(target, args, self);
    } catch (error) {
      const [input, base] = args.map(String);
      const fields = args.length === 0 ? { code: 'ERR_MISSING_ARGS' } : { code: 'ERR_INVALID_URL', input };
      const message = args.length === 0 ? 'The "url" argument must be specified' : 'Invalid URL';
      throw Object.assign(new TypeError(message, { cause: error }), fields, base === undefined ? {} : { base });
    }
  },
});

URL.prototype.constructor = URL;
define({ URL });

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
