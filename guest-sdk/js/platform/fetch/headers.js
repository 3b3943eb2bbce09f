// Headers.

import { inspect } from '../inspect.js';
import { define } from '../globals.js';

const NAME = /^[!#$%&'*+\-.^_`|~0-9a-zA-Z]+$/;
const INVALID = /[\0\r\n]|[^\0-\xff]/;

const nameOf = (name, method) => {
  const text = String(name);
  if (!NAME.test(text)) throw new TypeError(`Headers.${method}: "${text}" is an invalid header name.`);
  return text.toLowerCase();
};

const valueOf = (value, method) => {
  const text = String(value).replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '');
  if (INVALID.test(text)) throw new TypeError(`Headers.${method}: "${text}" is an invalid header value.`);
  return text;
};

export class Headers {
  // From names to the values in the order that they came.
  #values = new Map();

  constructor(init) {
    if (init === undefined || init === null) return;
    if (typeof init !== 'object') throw new TypeError('Headers: the init is neither pairs nor an object.');
    const pairs = Symbol.iterator in init ? init : Object.entries(init);
    for (const pair of pairs) {
      const [name, value, ...more] = pair;
      if (more.length > 0 || pair.length === 1) throw new TypeError('Headers: each pair has a name and a value.');
      this.append(name, value);
    }
  }

  append(name, value) {
    const key = nameOf(name, 'append');
    const values = this.#values.get(key) ?? [];
    values.push(valueOf(value, 'append'));
    this.#values.set(key, values);
  }

  set(name, value) {
    const key = nameOf(name, 'set');
    this.#values.set(key, [valueOf(value, 'set')]);
  }

  delete(name) {
    this.#values.delete(nameOf(name, 'delete'));
  }

  get(name) {
    return this.#values.get(nameOf(name, 'get'))?.join(', ') ?? null;
  }

  has(name) {
    return this.#values.has(nameOf(name, 'has'));
  }

  getSetCookie() {
    return [...(this.#values.get('set-cookie') ?? [])];
  }

  *entries() {
    for (const name of [...this.#values.keys()].sort()) {
      const values = this.#values.get(name);
      if (!values) continue;
      if (name === 'set-cookie') for (const value of values) yield [name, value];
      else yield [name, values.join(', ')];
    }
  }

  *keys() {
    for (const [name] of this.entries()) yield name;
  }

  *values() {
    for (const [, value] of this.entries()) yield value;
  }

  forEach(work, self) {
    for (const [name, value] of this.entries()) work.call(self, value, name, this);
  }

  [Symbol.iterator]() {
    return this.entries();
  }

  get [Symbol.toStringTag]() {
    return 'Headers';
  }

  [inspect.custom](depth, options) {
    return `Headers ${inspect(Object.fromEntries(this), options)}`;
  }
}

define({ Headers });
