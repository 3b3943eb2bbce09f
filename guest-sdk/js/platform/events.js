// What the host tells: timers, parts of HTTP exchanges, and being asked to stop. Each kind has one listener.

import { host } from './host.js';

const listeners = new Map();

host.listen((kind, number, what) => listeners.get(kind)?.(number, what));

/** Has `listener(number, what)` called for each event of a kind, instead of whoever was called before. */
export function on(kind, listener) {
  listeners.set(kind, listener);
}
