// `performance`, whose beginning is the attempt's.

import { EventTarget } from './abort.js';
import { define } from './globals.js';
import { host } from './host.js';
import { clearEntries, countBy, entriesWith, forgetEntries, mark, measure } from './user_timing.js';

let start;
let origin;

/** The beginning is now. */
export function resetPerformance() {
  start = host.now();
  origin = Date.now();
  forgetEntries();
}

const now = () => {
  if (start === undefined) resetPerformance();
  return host.now() - start;
};

countBy(now);

class Performance extends EventTarget {
  get timeOrigin() {
    if (origin === undefined) resetPerformance();
    return origin;
  }

  now() {
    return now();
  }

  mark(...args) {
    return mark(...args);
  }

  measure(...args) {
    return measure(...args);
  }

  clearMarks(name) {
    clearEntries('mark', name);
  }

  clearMeasures(name) {
    clearEntries('measure', name);
  }

  getEntries() {
    return entriesWith({});
  }

  getEntriesByName(name, entryType) {
    return entriesWith({ name, entryType });
  }

  getEntriesByType(entryType) {
    return entriesWith({ entryType });
  }

  toJSON() {
    return { timeOrigin: this.timeOrigin };
  }

  get [Symbol.toStringTag]() {
    return 'Performance';
  }
}

export const performance = new Performance();

define({ Performance, performance });
