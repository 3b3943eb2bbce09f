// node:timers/promises.

import * as timers from '../platform/timers.js';
import { AbortError } from './events_on.js';

const once = (start) => (value, { signal } = {}) =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(new AbortError(signal.reason));
      return;
    }
    const abort = () => {
      timers.clearTimeout(timer);
      reject(new AbortError(signal.reason));
    };
    const timer = start(() => {
      signal?.removeEventListener('abort', abort);
      resolve(value);
    });
    signal?.addEventListener('abort', abort, { once: true });
  });

export const setTimeout = (delay, value, options) => once((done) => timers.setTimeout(done, delay))(value, options);
export const setImmediate = (value, options) => once((done) => timers.setImmediate(done))(value, options);

export async function* setInterval(delay, value, options) {
  for (;;) {
    await setTimeout(delay, undefined, options);
    yield value;
  }
}

export const scheduler = { wait: (delay, options) => setTimeout(delay, undefined, options), yield: () => setImmediate() };

export default { scheduler, setImmediate, setInterval, setTimeout };
