// The ways in which functions come to be activities, and come to their results.

import { activityInfo, sleep } from '@temporalio/activity';

export function synchronous(name: string): string {
  return `at once, ${name}`;
}

export const arrow = async (name: string): Promise<string> => `by an arrow, ${name}`;

export const named_otherwise = async function inner(): Promise<string> {
  return inner.name;
};

export function thenable(): PromiseLike<number> {
  return {
    then(resolve: any): any {
      resolve(7);
    },
  };
}

export function failing_thenable(): PromiseLike<number> {
  return {
    then(_: any, reject: any): any {
      reject(new Error('by a thenable'));
    },
  };
}

export function throwing_thenable(): PromiseLike<number> {
  return {
    get then(): never {
      throw new Error('by a getter');
    },
  };
}

export function promise_of_promise(): Promise<number> {
  return new Promise((resolve) => setTimeout(() => resolve(Promise.resolve(8) as never), 1));
}

export async function* generator(): AsyncGenerator<number> {
  yield 1;
}

export function* synchronous_generator(): Generator<number> {
  yield 1;
}

export const bound = async function (this: { greeting: string }, name: string): Promise<string> {
  return `${this.greeting}, ${name}`;
}.bind({ greeting: 'Hello' });

export const proxied = new Proxy(async (name: string) => `proxied, ${name}`, {
  apply: (target, self, args) => Reflect.apply(target, self, args.map((each) => String(each).toUpperCase())),
});

export async function called_as(this: unknown): Promise<string> {
  return typeof this;
}

class Desk {
  constructor(private_greeting: string) {
    this.greeting = private_greeting;
  }

  greeting: string;

  greet = async (name: string): Promise<string> => `${this.greeting}, ${name}!`;

  async welcome(name: string): Promise<string> {
    return `${this.greeting} and welcome, ${name}!`;
  }
}

const desk = new Desk('Good day');

export const { greet } = desk;
export const welcome = desk.welcome.bind(desk);

export async function parallel(): Promise<unknown> {
  const later = async (ms: number, value: unknown) => {
    await sleep(ms);
    return value;
  };
  const failing = async () => {
    await sleep(1);
    throw new Error('one of several');
  };
  return {
    all: await Promise.all([later(5, 'a'), later(1, 'b'), 'c']),
    race: await Promise.race([later(50, 'slow'), later(1, 'quick')]),
    any: await Promise.any([failing(), later(3, 'any')]),
    settled: (await Promise.allSettled([failing(), later(1, 1)])).map((each) => (each.status === 'rejected' ? `${each.reason}` : each.value)),
  };
}

export async function order(): Promise<string[]> {
  const seen: string[] = [];
  const done = new Promise<void>((resolve) => setTimeout(resolve, 20));
  setTimeout(() => seen.push('timer'), 0);
  setTimeout(() => seen.push('later timer'), 10);
  queueMicrotask(() => seen.push('microtask'));
  void Promise.resolve().then(() => seen.push('then'));
  void (async () => {
    await null;
    seen.push('await');
    await null;
    seen.push('second await');
  })();
  seen.push('now');
  await done;
  return seen;
}

export async function* numbers_of(limit: number): AsyncGenerator<number> {
  for (let number = 0; number < limit; number += 1) {
    await sleep(1);
    yield number;
  }
}

export async function sums_up(limit: number): Promise<number> {
  let sum = 0;
  for await (const number of numbers_of(limit)) sum += number;
  return sum;
}

export async function cleans_up(): Promise<string[]> {
  const seen: string[] = [];
  async function* source() {
    try {
      yield 1;
      yield 2;
    } finally {
      await sleep(1);
      seen.push('closed');
    }
  }
  for await (const number of source()) {
    seen.push(`got ${number}`);
    break;
  }
  try {
    return seen;
  } finally {
    seen.push('finally');
  }
}

/** What no other activity takes. */
export default async function anything(...values: unknown[]): Promise<unknown> {
  return { type: activityInfo().activityType, values };
}
