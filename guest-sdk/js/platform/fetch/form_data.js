// FormData.

import { define } from '../globals.js';
import { Blob, File } from './blob.js';

const entry = (name, value, filename) => {
  if (!(value instanceof Blob)) return [String(name), String(value)];
  if (value instanceof File && filename === undefined) return [String(name), value];
  const { type, lastModified } = value;
  return [String(name), new File([value], filename ?? 'blob', { type, lastModified })];
};

export class FormData {
  #entries = [];

  constructor(form) {
    if (form !== undefined) throw new TypeError('FormData: there are no forms here.');
  }

  append(name, value, filename) {
    this.#entries.push(entry(name, value, filename));
  }

  set(name, value, filename) {
    const made = entry(name, value, filename);
    const first = this.#entries.findIndex(([each]) => each === made[0]);
    if (first === -1) {
      this.#entries.push(made);
      return;
    }
    this.#entries[first] = made;
    this.#entries = this.#entries.filter(([each], at) => at <= first || each !== made[0]);
  }

  delete(name) {
    this.#entries = this.#entries.filter(([each]) => each !== String(name));
  }

  get(name) {
    return this.#entries.find(([each]) => each === String(name))?.[1] ?? null;
  }

  getAll(name) {
    return this.#entries.filter(([each]) => each === String(name)).map(([, value]) => value);
  }

  has(name) {
    return this.#entries.some(([each]) => each === String(name));
  }

  *entries() {
    for (const [name, value] of this.#entries) yield [name, value];
  }

  *keys() {
    for (const [name] of this.#entries) yield name;
  }

  *values() {
    for (const [, value] of this.#entries) yield value;
  }

  forEach(work, self) {
    for (const [name, value] of this.#entries) work.call(self, value, name, this);
  }

  [Symbol.iterator]() {
    return this.entries();
  }

  get [Symbol.toStringTag]() {
    return 'FormData';
  }
}

define({ FormData });
