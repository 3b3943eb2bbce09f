// Event, EventTarget (of the package event-target-shim), CustomEvent, AbortController and AbortSignal.

import { Event, EventTarget, defineEventAttribute, setErrorHandler } from 'event-target-shim';
import { define } from './globals.js';
import { inspect } from './inspect.js';
import { setTimeout, throwUncaught } from './timers.js';

setErrorHandler(throwUncaught);

class CustomEvent extends Event {
  #detail;

  constructor(type, options) {
    super(type, options);
    this.#detail = options?.detail ?? null;
  }

  get detail() {
    return this.#detail;
  }
}

// Signals are made by controllers and by the functions of AbortSignal, and by nobody else.
const key = Symbol('AbortSignal');

class AbortSignal extends EventTarget {
  #aborted = false;
  #reason;
  // The signals that follow this one.
  #dependents = new Set();

  constructor(given) {
    if (given !== key) throw new TypeError('Illegal constructor');
    super();
  }

  get aborted() {
    return this.#aborted;
  }

  get reason() {
    return this.#reason;
  }

  throwIfAborted() {
    if (this.#aborted) throw this.#reason;
  }

  /** Called by controllers. */
  static abortSignal(given, signal, reason = new DOMException('This operation was aborted', 'AbortError')) {
    if (given !== key || signal.#aborted) return;
    const dependents = [...signal.#dependents].filter((dependent) => !dependent.#aborted);
    for (const each of [signal, ...dependents]) {
      each.#aborted = true;
      each.#reason = reason;
    }
    for (const each of [signal, ...dependents]) {
      each.#dependents.clear();
      each.dispatchEvent(new Event('abort'));
    }
  }

  static abort(reason) {
    const signal = new AbortSignal(key);
    abortSignal(key, signal, reason);
    return signal;
  }

  static timeout(milliseconds) {
    const signal = new AbortSignal(key);
    const reason = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    setTimeout(() => abortSignal(key, signal, reason), milliseconds);
    return signal;
  }

  static any(signals) {
    const signal = new AbortSignal(key);
    const sources = [...signals];
    const aborted = sources.find((source) => source.aborted);
    if (aborted) {
      abortSignal(key, signal, aborted.reason);
    } else {
      for (const source of sources) follow(source, signal);
    }
    return signal;
  }

  static follow(source, signal) {
    source.#dependents.add(signal);
    // A signal that itself follows others is told by them, not by its own event.
    for (const upper of source.#sources) upper.#dependents.add(signal);
    signal.#sources.add(source);
    for (const upper of source.#sources) signal.#sources.add(upper);
  }

  #sources = new Set();

  get [Symbol.toStringTag]() {
    return 'AbortSignal';
  }

  [inspect.custom]() {
    return `AbortSignal { aborted: ${this.#aborted} }`;
  }
}

const { abortSignal, follow } = AbortSignal;
delete AbortSignal.abortSignal;
delete AbortSignal.follow;
defineEventAttribute(AbortSignal.prototype, 'abort');

class AbortController {
  #signal = new AbortSignal(key);

  get signal() {
    return this.#signal;
  }

  abort(reason) {
    abortSignal(key, this.#signal, reason);
  }

  get [Symbol.toStringTag]() {
    return 'AbortController';
  }
}

export { AbortController, AbortSignal, Event, EventTarget };

define({ Event, EventTarget, CustomEvent, AbortController, AbortSignal });
