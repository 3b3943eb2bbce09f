// Stacks of errors as V8 has them and as everything that prints errors expects: they begin with the error itself, and
// do not show the constructors of its class. QuickJS's are the frames alone. Positions are those of the project's files.

import { define } from './globals.js';
import { readable } from './readable.js';

const { get } = Object.getOwnPropertyDescriptor(Error.prototype, 'stack');

// How many frames stacks have, if code says nothing else.
let limit = 10;

// The engine counts frames that are left out, too: about four for each asynchronous function.
const FRAMES_FOR_ONE = 5;

const limits = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit');

Object.defineProperty(Error, 'stackTraceLimit', {
  get: () => limit,
  set(frames) {
    limit = frames;
    limits.set.call(Error, typeof frames === 'number' ? frames * FRAMES_FOR_ONE : frames);
  },
  configurable: true,
});

Error.stackTraceLimit = limit;

const FRAME = /^ {4}at (?:new )?(.*) \(.*\)$/;

/** The stack that the engine gives an error, or what the code's own `Error.prepareStackTrace` has made of it. */
function headed(error, frames) {
  if (typeof frames !== 'string' || (frames !== '' && !frames.startsWith('    at '))) return frames;
  const name = error.name ?? 'Error';
  const message = error.message ?? '';
  const head = name && message ? `${name}: ${message}` : `${name}${message}`;
  return `${head}\n${shown(error, frames)}`.trimEnd();
}

function shown(error, frames) {
  const lines = readable(frames).split('\n');
  const classes = new Set();
  for (let each = error.constructor; typeof each === 'function' && each !== Error; each = Object.getPrototypeOf(each)) {
    if (each.name) classes.add(each.name);
  }
  const first = lines.findIndex((line) => !classes.has(FRAME.exec(line)?.[1]));
  return lines.slice(Math.max(first, 0), Math.max(first, 0) + limit).join('\n');
}

const setStack = (error, value) => {
  Object.defineProperty(error, 'stack', { value, writable: true, configurable: true });
};

Object.defineProperty(Error.prototype, 'stack', {
  get() {
    return headed(this, get.call(this));
  },
  // Whatever it is: the engine's own takes nothing but texts.
  set(value) {
    setStack(this, value);
  },
  configurable: true,
});

const capture = Error.captureStackTrace;

Object.defineProperty(Error, 'captureStackTrace', {
  value(target, above = undefined) {
    capture(target, above);
    setStack(target, headed(target, target.stack));
  },
  writable: true,
  configurable: true,
});

const NativeDOMException = globalThis.DOMException;

export const DOMException = new Proxy(NativeDOMException, {
  construct(target, args, self) {
    const error = Reflect.construct(target, args, self);
    setStack(error, headed(error, error.stack));
    return error;
  },
});

DOMException.prototype.constructor = DOMException;

define({ DOMException });
