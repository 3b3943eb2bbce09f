// Rejected promises that nobody handles: told in the log, once all that is ready has run. Node would end its process.

import { hasBegun } from './begun.js';
import { on } from './events.js';
import { host } from './host.js';
import { inspect } from './inspect.js';
import { setTimeout } from './timers.js';

const unhandled = new Map();

on('rejected', (isHandled, [promise, reason]) => {
  if (isHandled) {
    unhandled.delete(promise);
  } else if (hasBegun()) {
    // Whoever handles it in the same turn is not late.
    if (unhandled.size === 0) setTimeout(tellRejections, 0);
    unhandled.set(promise, reason);
  }
});

/** Tells of those that there are now. */
export function tellRejections() {
  const reasons = [...unhandled.values()];
  unhandled.clear();
  for (const reason of reasons) {
    const error = reason instanceof Error ? reason.stack : inspect(reason);
    host.log('ERROR', 'activity', 'a promise was rejected, and nobody handles it', [['error', JSON.stringify(String(error))]]);
  }
}
