// Stacks of errors that begin with the error itself, as V8 has them and as everything that prints errors expects.
// QuickJS's are the frames alone.

import { define } from './globals.js';

const { get, set } = Object.getOwnPropertyDescriptor(Error.prototype, 'stack');

function headed(error, frames) {
  if (typeof frames !== 'string') return frames;
  const name = error.name ?? 'Error';
  const message = error.message ?? '';
  const head = name && message ? `${name}: ${message}` : `${name}${message}`;
  return `${head}\n${frames}`.trimEnd();
}

Object.defineProperty(Error.prototype, 'stack', {
  get() {
    return headed(this, get.call(this));
  },
  set,
  configurable: true,
});

const capture = Error.captureStackTrace;

const setStack = (error, value) => {
  Object.defineProperty(error, 'stack', { value, writable: true, configurable: true });
};

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
