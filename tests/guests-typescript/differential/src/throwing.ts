// Everything that can be thrown.

import { sleep } from '@temporalio/activity';
import { IllegalStateError, ValueError } from '@temporalio/common';

class OrderError extends Error {
  constructor(order: number) {
    super(`no order ${order}`);
    this.name = 'NamedOtherwise';
  }
}

class Unnamed extends OrderError {
  static readonly limit = 7;
}

class Described extends Error {
  override toString(): string {
    return 'described by itself';
  }
}

class WithMessage extends Error {
  override get message(): string {
    return 'by a getter';
  }
}

const Anonymous = (() => class extends Error {})();

function withProperties(properties: Record<string, unknown>): Error {
  return Object.assign(new Error('with properties'), properties);
}

function withProperty(name: string, descriptor: PropertyDescriptor): Error {
  return Object.defineProperty(new Error('defined'), name, descriptor);
}

function caused(): Error {
  const innermost = new RangeError('innermost');
  const middle = new TypeError('middle', { cause: innermost });
  return new Error('outermost', { cause: middle });
}

const THROWN: Record<string, () => unknown> = {
  error: () => new Error('plain'),
  'an empty error': () => new Error(),
  'several lines': () => new Error('first\nsecond\n    at somewhere (else.ts:1:1)'),
  'own class': () => new OrderError(1),
  subclass: () => new Unnamed(2),
  described: () => new Described('described'),
  'message by a getter': () => new WithMessage(),
  'anonymous class': () => new Anonymous('anonymous'),
  'called, not constructed': () => TypeError('called'),
  'odd name': () => withProperties({ name: 7 }),
  'no name': () => withProperties({ name: '' }),
  'odd message': () => withProperties({ message: { a: 1 } }),
  'no message': () => withProperties({ message: undefined }),
  'odd stack': () => withProperties({ stack: 7 }),
  'no stack': () => withProperties({ stack: undefined }),
  'own stack': () => withProperties({ stack: 'Error: with a stack of its own\n    at nowhere (nowhere.ts:1:1)' }),
  'stack by a getter': () => withProperty('stack', { get: () => 'got' }),
  'no constructor': () => withProperties({ constructor: undefined }),
  'odd constructor': () => withProperties({ constructor: { name: 'Odd' } }),
  'fixed message': () => withProperty('message', { value: 'fixed' }),
  frozen: () => Object.freeze(new Error('frozen')),
  'with a code': () => withProperties({ code: 'E_CODE', errno: -2, details: [1] }),
  caused,
  'caused by a text': () => new Error('outer', { cause: 'a text' }),
  'caused by an object': () => new Error('outer', { cause: { message: 'inner' } }),
  'caused by nothing': () => new Error('outer', { cause: undefined }),
  aggregate: () => new AggregateError([new Error('first'), new TypeError('second')], 'several'),
  'an exception of the platform': () => new DOMException('not so', 'AbortError'),
  'another of the platform': () => new DOMException('no data', 'DataCloneError'),
  'state of the SDK': () => new IllegalStateError('not here'),
  'value of the SDK': () => new ValueError('not this', new Error('inner')),
  text: () => 'only a text',
  'empty text': () => '',
  number: () => 7,
  zero: () => 0,
  true: () => true,
  bigint: () => 12n,
  symbol: () => Symbol('thrown'),
  null: () => null,
  undefined: () => undefined,
  object: () => ({ a: 1 }),
  'object with a message': () => ({ message: 'of an object', name: 'Object', stack: 'at home' }),
  'object with an odd message': () => ({ message: ['a', 1] }),
  'no prototype': () => Object.assign(Object.create(null), { message: 'bare' }),
  array: () => ['a', 1],
  function: () => caused,
  'like an error': () => Object.assign(Object.create(Error.prototype), { message: 'created' }),
  promise: () => Promise.resolve('late'),
  date: () => new Date(0),
  bytes: () => new Uint8Array([1, 2]),
};

export async function throws(kind: string): Promise<never> {
  throw THROWN[kind]();
}

export function throws_at_once(kind: string): never {
  throw THROWN[kind]();
}

export async function throws_later(kind: string): Promise<never> {
  await sleep(1);
  throw THROWN[kind]();
}

export function rejects(kind: string): Promise<never> {
  return Promise.reject(THROWN[kind]());
}

/** What is thrown where nobody looks has no message that could be had. */
export async function throws_without_text(): Promise<never> {
  throw Object.create(null);
}

function deepest(depth: number): never {
  if (depth === 0) throw new Error('at the bottom');
  return deepest(depth - 1);
}

export async function throws_deep(depth: number): Promise<never> {
  return deepest(depth);
}

class Keeper {
  static of(): never {
    return new Keeper().keep();
  }

  keep(): never {
    return this.#within();
  }

  #within(): never {
    throw new Error('kept');
  }

  get gotten(): never {
    throw new Error('gotten');
  }
}

class Built {
  constructor() {
    throw new Error('while built');
  }
}

const PLACES: Record<string, () => unknown> = {
  method: () => new Keeper().keep(),
  static: () => Keeper.of(),
  getter: () => new Keeper().gotten,
  constructor: () => new Built(),
  callback: () =>
    [1].map(function each() {
      throw new Error('in a callback');
    }),
  arrow: () => {
    const arrow = () => {
      throw new Error('in an arrow');
    };
    return arrow();
  },
  sort: () => [2, 1].sort(() => deepest(0)),
  replace: () => 'a'.replace(/a/, () => deepest(0)),
  reviver: () => JSON.parse('[1]', () => deepest(0)),
  conversion: () => `${{ toString: () => deepest(0) }}`,
  proxy: () => (new Proxy({}, { get: () => deepest(0) }) as any).field,
  generator: () => {
    function* generator() {
      yield 1;
      throw new Error('in a generator');
    }
    return [...generator()];
  },
  rethrown: () => {
    try {
      deepest(1);
    } catch (error) {
      throw error;
    }
  },
  finally: () => {
    try {
      deepest(0);
    } finally {
      Keeper.name.length;
    }
  },
};

export async function throws_in(place: string): Promise<unknown> {
  return PLACES[place]();
}

async function inner(): Promise<never> {
  await sleep(1);
  throw new Error('after a wait');
}

async function middle(): Promise<never> {
  await inner();
  throw new Error('never here');
}

export async function throws_after_waiting(): Promise<never> {
  return await middle();
}

export async function throws_in_a_timer(): Promise<unknown> {
  return await new Promise((_, reject) => {
    setTimeout(function ring() {
      reject(new Error('in a timer'));
    }, 1);
  });
}

export async function throws_in_its_cleanup(): Promise<never> {
  try {
    throw new Error('first');
  } finally {
    await sleep(1);
    throw new Error('second');
  }
}

export async function catches_many(): Promise<unknown> {
  const failing = async (ms: number) => {
    await sleep(ms);
    throw new Error(`after ${ms}`);
  };
  try {
    return await Promise.any([failing(1), failing(2)]);
  } catch (error) {
    return (error as AggregateError).errors.map(String);
  }
}

export async function recurses(): Promise<number> {
  const down = (depth: number): number => down(depth + 1) + 1;
  return down(0);
}
