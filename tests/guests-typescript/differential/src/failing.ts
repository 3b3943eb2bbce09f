// Failures as Temporal's package has them, and errors of the engine.

import { activityInfo, CompleteAsyncError, log } from '@temporalio/activity';
import {
  ActivityFailure,
  ApplicationFailure,
  ApplicationFailureCategory,
  CancelledFailure,
  ChildWorkflowFailure,
  RetryState,
  ServerFailure,
  TemporalFailure,
  TerminatedFailure,
  TimeoutFailure,
  TimeoutType,
} from '@temporalio/common';

class OwnFailure extends ApplicationFailure {
  constructor(order: number) {
    super(`order ${order}`, 'OwnType', true, [{ order }]);
  }
}

const FAILURES: Record<string, () => unknown> = {
  created: () => ApplicationFailure.create({ message: 'created', type: 'T' }),
  'created with everything': () => {
    const innermost = ApplicationFailure.create({ message: 'innermost', type: 'I', details: [1] });
    const cause = new TypeError('inner', { cause: innermost });
    const details = ['text', 42, null, undefined, { a: [1] }, new Uint8Array([1, 2]), new Date(0), NaN];
    const all = { message: 'everything', type: 'Everything', nonRetryable: true, details, cause };
    return ApplicationFailure.create({ ...all, nextRetryDelay: '1 minute', category: ApplicationFailureCategory.BENIGN });
  },
  'created with nothing': () => ApplicationFailure.create({}),
  constructed: () => new ApplicationFailure('constructed', 'C', false, [1, 'two']),
  'constructed with nothing': () => new ApplicationFailure(),
  'no message': () => new ApplicationFailure(null, null),
  'no details': () => ApplicationFailure.create({ message: 'none', details: [] }),
  retryable: () => ApplicationFailure.retryable('again', 'Again', 1, { a: 2 }),
  'retryable without type': () => ApplicationFailure.retryable('again'),
  nonRetryable: () => ApplicationFailure.nonRetryable('never', 'Never', 'why'),
  'nonRetryable without type': () => ApplicationFailure.nonRetryable('never'),
  'empty type': () => ApplicationFailure.create({ message: 'm', type: '' }),
  'from an error': () => ApplicationFailure.fromError(new RangeError('from'), { nonRetryable: true, details: [1] }),
  'from a text': () => ApplicationFailure.fromError('a text', { type: 'FromText' }),
  'from a failure': () => ApplicationFailure.fromError(ApplicationFailure.create({ message: 'f', type: 'F' }), { message: 'g' }),
  'own class': () => new OwnFailure(3),
  benign: () => ApplicationFailure.create({ message: 'expected', category: 'BENIGN' }),
  'delay in milliseconds': () => ApplicationFailure.create({ message: 'later', nextRetryDelay: 1500 }),
  'delay of none': () => ApplicationFailure.create({ message: 'now', nextRetryDelay: 0 }),
  'delay with a part': () => ApplicationFailure.create({ message: 'later', nextRetryDelay: 1.5 }),
  'long delay': () => ApplicationFailure.create({ message: 'later', nextRetryDelay: '2 days' }),
  'large details': () => ApplicationFailure.create({ message: 'large', details: ['ü'.repeat(1000)] }),
  'half a character': () => ApplicationFailure.create({ message: 'half', details: ['\ud83d'] }),
  'long message': () => new Error('m'.repeat(5000)),
  'caused by a text': () => ApplicationFailure.create({ message: 'outer', cause: 'text' as any }),
  'caused by a cancellation': () => ApplicationFailure.create({ message: 'outer', cause: new CancelledFailure('inner', ['d']) }),
  temporal: () => new TemporalFailure('of no kind', new Error('inner')),
  cancelled: () => new CancelledFailure('nobody asked for it', [1, 'two']),
  terminated: () => new TerminatedFailure('ended', new Error('inner')),
  server: () => new ServerFailure('broken', true),
  timeout: () => new TimeoutFailure('late', { progress: 1 }, TimeoutType.HEARTBEAT),
  activity: () => new ActivityFailure('of an activity', 'ship', '7', RetryState.TIMEOUT, 'somebody', new Error('inner')),
  'child workflow': () => new ChildWorkflowFailure('default', { workflowId: 'order-7', runId: 'run' }, 'Order', RetryState.TIMEOUT),
};

export async function fails(kind: string): Promise<never> {
  throw FAILURES[kind]();
}

/** The same as the cause of another failure, in which it keeps its kind. */
export async function fails_caused_by(kind: string): Promise<never> {
  throw ApplicationFailure.create({ message: 'outer', type: 'Outer', cause: FAILURES[kind]() as Error });
}

/** What has no encoding, or no text. */
export async function fails_unencodably(kind: string): Promise<never> {
  if (kind === 'half a message') throw new Error('half \ud83d');
  throw ApplicationFailure.create({ message: 'lost', type: 'Lost', details: [1n] });
}

export async function fails_until(attempt: number, nextRetryDelay?: number): Promise<number> {
  if (activityInfo().attempt >= attempt) return activityInfo().attempt;
  throw ApplicationFailure.create({ message: `attempt ${activityInfo().attempt}`, type: 'NotYet', nextRetryDelay });
}

export async function completes_elsewhere(): Promise<never> {
  log.info('waiting');
  throw new CompleteAsyncError();
}

export function completes_elsewhere_at_once(): never {
  log.info('waiting');
  throw new CompleteAsyncError();
}

const wrong: any = {};
const frozen: any = Object.freeze({ a: 1 });

class Parent {}

class Child extends Parent {
  constructor() {
    // @ts-expect-error that is what this is about
    if (wrong.never) super();
  }
}

class Private {
  #field = 1;

  static read(value: any): number {
    return value.#field;
  }
}

/** What the engine throws: which kind of error is the same everywhere, and its text is not. */
const ERRORS: Record<string, () => unknown> = {
  'property of undefined': () => wrong.a.b,
  'property of null': () => (null as any).b,
  'assignment to undefined': () => (wrong.a.b = 1),
  'call of no function': () => wrong.a(),
  'call of a number': () => (7 as any)(),
  'no constructor': () => new wrong.a(),
  'class without new': () => (Parent as any)(),
  'no super': () => new Child(),
  'private of another': () => Private.read({}),
  'frozen object': () => (frozen.a = 2),
  'fixed object': () => (frozen.b = 2),
  'deleted of frozen': () => delete frozen.a,
  'not iterable': () => [...wrong],
  'not destructible': () => {
    const { a } = null as any;
    return a;
  },
  'no list to destructure': () => {
    const [a] = wrong;
    return a;
  },
  'in a number': () => 'a' in (7 as any),
  'instance of no class': () => wrong instanceof (7 as any),
  'constant assigned': () => new Function('const a = 1; a = 2')(),
  'unknown name': () => new Function('return unknownName')(),
  'too early': () => new Function('early; let early')(),
  'syntax error': () => new Function('return (;'),
  'regular expression': () => new RegExp('('),
  'broken JSON': () => JSON.parse('{"a": 1,}'),
  'no JSON': () => JSON.parse(''),
  'circular JSON': () => JSON.stringify(Object.assign(wrong, { wrong })),
  'bigint in JSON': () => JSON.stringify(1n),
  'bigint and number': () => (1n as any) + 1,
  'division of bigints': () => 1n / 0n,
  'bigint of a text': () => BigInt('x'),
  'bigint of a part': () => BigInt(1.5),
  'symbol as a text': () => `${Symbol('s') as any}`,
  'length of an array': () => new Array(-1),
  'length of a buffer': () => new ArrayBuffer(-1),
  'length of words': () => new Uint32Array(new ArrayBuffer(3)),
  'times of a text': () => 'a'.repeat(-1),
  'digits of a number': () => (1).toFixed(101),
  'base of a number': () => (1).toString(37),
  'no date': () => new Date(NaN).toISOString(),
  'broken URI': () => decodeURIComponent('%'),
  'code point': () => String.fromCodePoint(-1),
  'normal form': () => 'a'.normalize('x'),
  'reduction of nothing': () => [].reduce((a) => a),
  'prototype of itself': () => Object.setPrototypeOf(frozen, frozen),
  'property of a text': () => {
    'use strict';
    return (('a' as any).length = 2);
  },
  'promise without executor': () => new (Promise as any)(),
  'weak key': () => new WeakMap().set(1 as any, 1),
  'time zone': () => new Intl.DateTimeFormat('en', { timeZone: 'Nowhere/None' }),
  'currency': () => new Intl.NumberFormat('en', { style: 'currency' }),
};

/** The kinds of errors that the engine throws. */
export async function engine_errors(): Promise<unknown> {
  return Object.entries(ERRORS).map(([kind, work]) => {
    try {
      return `${kind}: ${String(work())}`;
    } catch (error) {
      const { name, constructor } = error as Error;
      return `${kind}: ${name} ${name === constructor.name} ${error instanceof Error} ${Object.keys(error as object).join()}`;
    }
  });
}

export async function engine_error(kind: string): Promise<unknown> {
  return ERRORS[kind]();
}

/** What Node and the web's standards throw. */
const PLATFORM: Record<string, () => unknown> = {
  url: () => new URL('not a url'),
  'url of nothing': () => new (URL as any)(),
  atob: () => atob('*'),
  'clone of a function': () => structuredClone(() => 1),
  'clone of a symbol': () => structuredClone(Symbol('s')),
  'buffer of a size': () => Buffer.alloc(-1),
  'buffer of a number': () => Buffer.from(7 as any),
  'read beyond a buffer': () => Buffer.alloc(2).readUInt32BE(0),
  'timer without work': () => setTimeout(7 as any, 1),
  'microtask without work': () => queueMicrotask(7 as any),
  'decoder of no encoding': () => new TextDecoder('nothing'),
  'fatal decoder': () => new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([255])),
  'signal constructed': () => new (AbortSignal as any)(),
  'aborted signal': () => AbortSignal.abort().throwIfAborted(),
  'signal aborted with a reason': () => AbortSignal.abort(new RangeError('reason')).throwIfAborted(),
  'header of no name': () => new Headers({ 'a b': '1' }),
  'response of a status': () => new Response('', { status: 99 }),
  'request of no url': () => new Request('nowhere'),
  'get with a body': () => new Request('http://localhost/', { method: 'GET', body: 'x' }),
  'randomness of a size': () => crypto.getRandomValues(new Uint8Array(70_000)),
  'randomness of floats': () => crypto.getRandomValues(new Float32Array(1) as any),
};

export async function platform_errors(): Promise<unknown> {
  return Object.entries(PLATFORM).map(([kind, work]) => {
    try {
      return `${kind}: ${String(work())}`;
    } catch (error) {
      const { name, constructor, code } = error as Error & { code?: unknown };
      return `${kind}: ${constructor.name} ${name} ${typeof code === 'number' ? code : ''}`;
    }
  });
}

export async function platform_error(kind: string): Promise<unknown> {
  return PLATFORM[kind]();
}

/** Errors whose texts and codes are looked at. */
export async function told_errors(): Promise<unknown> {
  const kinds: (() => unknown)[] = [
    () => new URL('not a url'),
    () => new URL('/path', 'no base'),
    () => new (URL as any)(),
    () => new Response('', { status: 99 }),
    () => AbortSignal.abort().throwIfAborted(),
    () => AbortSignal.abort(new RangeError('reason')).throwIfAborted(),
  ];
  return kinds.map((work) => {
    try {
      return String(work());
    } catch (error) {
      const { name, message, code, input, base } = error as Record<string, unknown>;
      return [name, message, code, input, base];
    }
  });
}
