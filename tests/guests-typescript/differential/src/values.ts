// Arguments and results: what payloads are made of values, and values of payloads.

import { RawValue } from '@temporalio/common';

export async function echo(...values: unknown[]): Promise<unknown[]> {
  return values;
}

export async function first(value: unknown): Promise<unknown> {
  return value;
}

export async function count(...values: unknown[]): Promise<number> {
  return values.length;
}

export async function declared(_one: string, _two?: number): Promise<number> {
  return arguments.length;
}

export async function defaults(a: number, b = 2, { c = 3, ...rest }: Record<string, number> = {}): Promise<unknown> {
  return { a, b, c, rest };
}

/** What the arguments are to the code. */
export async function kinds(...values: unknown[]): Promise<unknown[]> {
  return values.map((value) => [typeof value, Object.prototype.toString.call(value), value === undefined ? 'nothing' : value]);
}

/** Numbers with all their digits. */
export async function digits(...numbers: number[]): Promise<string[]> {
  return numbers.map((number) => `${Object.is(number, -0) ? '-' : ''}${number.toString()}`);
}

export async function bytes(value: Uint8Array): Promise<unknown> {
  return { isBytes: value instanceof Uint8Array, isBuffer: Buffer.isBuffer(value), length: value.length, sum: value.reduce((sum, each) => sum + each, 0) };
}

class Price {
  #cents: number;
  currency = 'EUR';

  constructor(cents: number) {
    this.#cents = cents;
  }

  get cents(): number {
    return this.#cents;
  }
}

class Money extends Price {
  toJSON(key: string): unknown {
    return { key, text: `${this.cents} ${this.currency}` };
  }
}

function* counting() {
  yield 1;
  yield 2;
}

async function* countingLater() {
  yield 1;
}

function cyclic(): unknown {
  const value: Record<string, unknown> = { name: 'cycle' };
  value.itself = { inner: [value] };
  return value;
}

function nested(depth: number): unknown {
  let value: unknown = [];
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

const RESULTS: Record<string, () => unknown> = {
  undefined: () => undefined,
  null: () => null,
  nan: () => NaN,
  infinity: () => [Infinity, -Infinity, -0, NaN],
  bigint: () => 1n,
  'bigint within': () => ({ a: [1n] }),
  date: () => new Date(1_785_542_400_123),
  'invalid date': () => new Date(NaN),
  map: () => new Map([['a', 1]]),
  set: () => [new Set([1]), new WeakMap(), /a+/gi],
  'undefined within': () => ({ a: undefined, b: [undefined, null], c: () => 1, d: [() => 1, Symbol('s')] }),
  bytes: () => new Uint8Array([0, 1, 254, 255]),
  'no bytes': () => new Uint8Array(),
  'part of bytes': () => new Uint8Array([1, 2, 3, 4, 5]).subarray(1, 4),
  'clamped bytes': () => new Uint8ClampedArray([1, 300]),
  'bytes within': () => ({ data: new Uint8Array([1, 2]) }),
  buffer: () => Buffer.from('grüße', 'utf8'),
  'buffer within': () => [Buffer.from('ab')],
  'array buffer': () => new ArrayBuffer(4),
  words: () => new Int16Array([1, -2]),
  floats: () => new Float64Array([0.1, 1e21]),
  'a text': () => 'grüße \u{1f600} \u2028 \0 " \\ \n\t',
  'half a character': () => ['\ud83d', 'a\udc00b', '\ud83d\ude00'],
  'half a key': () => ({ '\ud83d': 1 }),
  'no text': () => '',
  true: () => true,
  price: () => new Price(5),
  money: () => new Money(5),
  'money within': () => ({ price: new Money(7), all: [new Money(8)] }),
  'no JSON': () => ({ toJSON: () => undefined }),
  'no JSON within': () => ({ a: { toJSON: () => undefined }, b: 1 }),
  'throwing JSON': () => ({
    toJSON: () => {
      throw new RangeError('not today');
    },
  }),
  cycle: cyclic,
  function: () => counting,
  class: () => Price,
  symbol: () => Symbol('s'),
  boxed: () => [new Number(1), new String('s'), new Boolean(false), Object(Symbol('s'))],
  'boxed bigint': () => Object(1n),
  generator: () => counting(),
  'asynchronous generator': () => countingLater(),
  'a promise within': () => ({ later: Promise.resolve(1) }),
  error: () => new TypeError('as a result'),
  'error with fields': () => Object.assign(new Error('as a result'), { code: 'E_ONE', details: [1] }),
  proxy: () => new Proxy({ a: 1, b: 2 }, { ownKeys: () => ['b', 'a'] }),
  getter: () => ({
    get a() {
      return 'got';
    },
  }),
  'throwing getter': () => ({
    get a() {
      throw new Error('not to be had');
    },
  }),
  'symbol keys': () => ({ [Symbol('hidden')]: 1, shown: 2 }),
  'no prototype': () => Object.assign(Object.create(null), { a: 1 }),
  'inherited fields': () => Object.create({ a: 1 }, { b: { value: 2, enumerable: true }, c: { value: 3 } }),
  holes: () => [1, , 3],
  'array with fields': () => Object.assign([1], { extra: 2 }),
  'key order': () => ({ b: 1, 10: 2, a: 3, 2: 4, '-1': 5, '01': 6 }),
  numbers: () => [1e21, 1e-7, 5e-324, 1.7976931348623157e308, 0.1 + 0.2, 123456789012345680000, 2 ** 53, -1.5, 100, 1 / 3],
  url: () => new URL('http://user@host:8080/a b?q=ü#f'),
  'search parameters': () => new URLSearchParams({ a: '1' }),
  headers: () => new Headers({ a: '1' }),
  nested: () => nested(500),
  arguments: (...args: unknown[]) =>
    (function (..._: unknown[]) {
      return arguments;
    })(...args, 1, 2),
  'raw value': () => new RawValue({ raw: true }),
  'raw value within': () => ({ inner: new RawValue(1) }),
};

export async function returns(kind: string): Promise<unknown> {
  return RESULTS[kind]();
}

/** The same by a function that is not asynchronous. */
export function returns_at_once(kind: string): unknown {
  return RESULTS[kind]();
}

export async function returns_text_of(length: number): Promise<string> {
  return 'ü'.repeat(length);
}

export async function returns_bytes_of(length: number): Promise<Uint8Array> {
  return new Uint8Array(length).map((_, index) => index * 7);
}
