// How functions of node:fs that work at once become those that call back, or promise. In between the event loop turns:
// whoever awaits files again and again still hears timers and cancellations.

import { AbortError } from './events_on.js';
import { invalidType } from './fs_errors.js';

/** A function that calls back with what another one returns; `answers` says with what. */
export const later = (work, answers = (result) => [result]) => {
  const calling = (...args) => {
    const done = args.pop();
    if (typeof done !== 'function') throw invalidType('cb', 'of type function', done);
    setImmediate(() => {
      let results;
      try {
        results = [null, ...answers(work(...args), ...args)];
      } catch (error) {
        results = [error];
      }
      done(...results);
    });
  };
  return Object.defineProperty(calling, 'name', { value: work.name.replace(/Sync$/, ''), configurable: true });
};

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Does something in a turn of its own, unless it is called off before. */
export async function inTurn(work, signal) {
  if (signal?.aborted) throw new AbortError(signal.reason);
  await turn();
  if (signal?.aborted) throw new AbortError(signal.reason);
  return work();
}

/** A function that promises what another one returns. */
export const promised = (work) => {
  const calling = (...args) => inTurn(() => work(...args));
  return Object.defineProperty(calling, 'name', { value: work.name.replace(/Sync$/, ''), configurable: true });
};
