// `performance`, whose beginning is the attempt's.

import { define } from './globals.js';
import { host } from './host.js';

let start;
let origin;

/** The beginning is now. */
export function resetPerformance() {
  start = host.now();
  origin = Date.now();
}

class Performance {
  get timeOrigin() {
    if (origin === undefined) resetPerformance();
    return origin;
  }

  now() {
    if (start === undefined) resetPerformance();
    return host.now() - start;
  }

  // Nobody can ask for marks and measures afterwards, so none are kept.
  mark(name, options = {}) {
    return entry(name, 'mark', options.startTime ?? this.now(), 0, options.detail);
  }

  measure(name, options = {}) {
    const begun = typeof options.start === 'number' ? options.start : 0;
    const ended = typeof options.end === 'number' ? options.end : this.now();
    return entry(name, 'measure', begun, ended - begun, options.detail);
  }

  clearMarks() {}

  clearMeasures() {}

  getEntries() {
    return [];
  }

  getEntriesByName() {
    return [];
  }

  getEntriesByType() {
    return [];
  }

  toJSON() {
    return { timeOrigin: this.timeOrigin };
  }

  get [Symbol.toStringTag]() {
    return 'Performance';
  }
}

const entry = (name, entryType, startTime, duration, detail = null) => ({ name, entryType, startTime, duration, detail });

export const performance = new Performance();

define({ Performance, performance });
