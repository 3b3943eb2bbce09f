// setTimeout, setInterval and setImmediate, as Node has them: what they return is an object that also is a number. And
// queueMicrotask.

import { bind } from './context.js';
import { on } from './events.js';
import { define } from './globals.js';
import { host } from './host.js';

// The longest wait that Node knows. What is longer becomes the shortest, there as here.
const LONGEST = 2 ** 31 - 1;

const running = new Map();
let last = 0;

function checked(work) {
  if (typeof work === 'function') return work;
  const error = new TypeError(`The "callback" argument must be of type function. Received ${work}`);
  throw Object.assign(error, { code: 'ERR_INVALID_ARG_TYPE' });
}

class Timer {
  #number = ++last;
  #work;
  #delay;
  #repeats;

  constructor(work, delay, repeats, args) {
    const bound = bind(checked(work));
    this.#work = args.length === 0 ? bound : () => bound(...args);
    this.#delay = delay;
    this.#repeats = repeats;
    this.#start();
  }

  #start() {
    running.set(this.#number, this);
    host.setTimer(this.#number, this.#delay);
  }

  ring() {
    running.delete(this.#number);
    if (this.#repeats) this.#start();
    const work = this.#work;
    work();
  }

  close() {
    if (running.delete(this.#number)) host.clearTimer(this.#number);
    return this;
  }

  refresh() {
    this.close();
    this.#start();
    return this;
  }

  // An attempt ends with its function, whatever still waits.
  ref() {
    return this;
  }

  unref() {
    return this;
  }

  hasRef() {
    return running.has(this.#number);
  }

  [Symbol.toPrimitive]() {
    return this.#number;
  }

  [Symbol.dispose ?? Symbol.for('Symbol.dispose')]() {
    this.close();
  }
}

const milliseconds = (delay) => {
  const number = Number(delay);
  return number >= 1 && number <= LONGEST ? Math.trunc(number) : 1;
};

export const setTimeout = (work, delay, ...args) => new Timer(work, milliseconds(delay), false, args);
export const setInterval = (work, delay, ...args) => new Timer(work, milliseconds(delay), true, args);
export const setImmediate = (work, ...args) => new Timer(work, 0, false, args);

export function clearTimeout(timer) {
  const found = timer instanceof Timer ? timer : running.get(Number(timer));
  found?.close();
}

export const clearInterval = clearTimeout;
export const clearImmediate = clearTimeout;

/** Stops everything: what waits since the build waits for times of another machine. */
export function stopAll() {
  for (const timer of [...running.values()]) timer.close();
}

/** Throws where nobody can catch it, which ends the attempt as it ends Node's process. */
export function throwUncaught(error) {
  setTimeout(() => {
    throw error;
  });
}

const nativeQueueMicrotask = globalThis.queueMicrotask;

/** What the work throws is not lost: the engine takes it without a word. */
export function queueMicrotask(work) {
  const bound = bind(checked(work));
  nativeQueueMicrotask(() => {
    try {
      bound();
    } catch (error) {
      throwUncaught(error);
    }
  });
}

on('timer', (number) => running.get(number)?.ring());

define({ setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate, queueMicrotask });
