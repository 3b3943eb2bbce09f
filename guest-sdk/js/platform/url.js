// URL and URLSearchParams, of core-js. Names of hosts beyond ASCII become Punycode; their letters are only made small.

import 'core-js/web/url.js';
import 'core-js/web/url-search-params.js';
import { define } from './globals.js';
import { inspect } from './inspect.js';

const { URL: Parsed, URLSearchParams: Pairs } = globalThis;

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

// Halves of characters become U+FFFD, which core-js would fail to write later.
const URLSearchParams = new Proxy(Pairs, {
  construct(target, args, self) {
    const made = Reflect.construct(target, args, self);
    const pairs = [...made];
    if (pairs.every((pair) => pair.every((text) => text.isWellFormed()))) return made;
    return Reflect.construct(target, [pairs.map((pair) => pair.map((text) => text.toWellFormed()))], self);
  },
});

URLSearchParams.prototype.constructor = URLSearchParams;

for (const name of ['append', 'delete', 'get', 'getAll', 'has', 'set']) {
  const method = Pairs.prototype[name];
  const value = {
    [name](...args) {
      return method.apply(this, args.map((each) => (each === undefined ? each : `${each}`.toWellFormed())));
    },
  }[name];
  Object.defineProperty(Pairs.prototype, name, { value, writable: true, enumerable: true, configurable: true });
}

define({ URL, URLSearchParams });

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
