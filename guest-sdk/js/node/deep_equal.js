// Whether two values are the same in all that they hold, as assert and util of Node mean it.

const isObject = (value) => value !== null && typeof value === 'object';
const bytesOf = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
const keysOf = (value) => [
  ...Object.keys(value),
  ...Object.getOwnPropertySymbols(value).filter((key) => Object.prototype.propertyIsEnumerable.call(value, key)),
];

/** `isStrict` as in assert.deepStrictEqual; otherwise as in assert.deepEqual. */
export function isDeepEqual(one, other, isStrict) {
  return new Comparison(isStrict).equal(one, other);
}

class Comparison {
  // The pairs that are being compared, for what holds itself.
  #pairs = [];

  constructor(isStrict) {
    this.isStrict = isStrict;
  }

  equal(one, other) {
    if (Object.is(one, other)) return true;
    if (!isObject(one) || !isObject(other)) {
      if (this.isStrict) return false;
      return one == other || (Number.isNaN(one) && Number.isNaN(other));
    }
    if (this.isStrict && Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false;
    if (Array.isArray(one) !== Array.isArray(other)) return false;
    if (Object.prototype.toString.call(one) !== Object.prototype.toString.call(other)) return false;
    if (this.#pairs.some(([left, right]) => left === one && right === other)) return true;
    this.#pairs.push([one, other]);
    const result = this.#content(one, other) && this.#properties(one, other);
    this.#pairs.pop();
    return result;
  }

  #content(one, other) {
    if (one instanceof Date) return Object.is(one.getTime(), other.getTime());
    if (one instanceof RegExp) return String(one) === String(other) && one.lastIndex === other.lastIndex;
    if (one instanceof Error) return one.message === other.message && one.name === other.name && this.equal(one.cause, other.cause);
    if (ArrayBuffer.isView(one)) return this.#bytes(bytesOf(one), bytesOf(other));
    if (one instanceof ArrayBuffer) return this.#bytes(new Uint8Array(one), new Uint8Array(other));
    if (one instanceof Map) return this.#maps(one, other);
    if (one instanceof Set) return this.#sets(one, other);
    if (one instanceof Number || one instanceof String || one instanceof Boolean) return Object.is(one.valueOf(), other.valueOf());
    return !(one instanceof WeakMap || one instanceof WeakSet || one instanceof Promise);
  }

  #bytes(one, other) {
    return one.length === other.length && one.every((byte, place) => byte === other[place]);
  }

  #maps(one, other) {
    if (one.size !== other.size) return false;
    const left = new Map(other);
    return [...one].every(([key, value]) => {
      const found = left.has(key) ? key : isObject(key) ? [...left.keys()].find((each) => this.equal(key, each)) : undefined;
      if (!left.has(found) || !this.equal(value, left.get(found))) return false;
      return left.delete(found);
    });
  }

  #sets(one, other) {
    if (one.size !== other.size) return false;
    const left = new Set(other);
    return [...one].every((value) => {
      if (left.delete(value)) return true;
      const found = [...left].find((each) => this.equal(value, each));
      return left.delete(found);
    });
  }

  #properties(one, other) {
    if (ArrayBuffer.isView(one)) return true;
    if (Array.isArray(one) && one.length !== other.length) return false;
    const [keys, others] = [keysOf(one), keysOf(other)];
    return keys.length === others.length && keys.every((key) => Object.hasOwn(other, key) && this.equal(one[key], other[key]));
  }
}
