// Marks and measures of `performance`, which an attempt keeps for as long as it runs.

import { structuredClone } from './clone.js';
import { define } from './globals.js';

// Entries are made here, and marks by everybody.
const key = Symbol('PerformanceEntry');

class PerformanceEntry {
  #fields;

  constructor(given, fields) {
    if (given !== key) throw new TypeError('Illegal constructor');
    this.#fields = fields;
  }

  get name() {
    return this.#fields.name;
  }

  get entryType() {
    return this.#fields.entryType;
  }

  get startTime() {
    return this.#fields.startTime;
  }

  get duration() {
    return this.#fields.duration;
  }

  toJSON() {
    const { name, entryType, startTime, duration } = this;
    return { name, entryType, startTime, duration };
  }

  get [Symbol.toStringTag]() {
    return 'PerformanceEntry';
  }
}

/** A mark or a measure, with what its author says of it. */
class Detailed extends PerformanceEntry {
  #detail;

  constructor(given, fields, detail) {
    super(given, fields);
    this.#detail = detail ?? null;
  }

  get detail() {
    return this.#detail;
  }

  toJSON() {
    return { ...super.toJSON(), detail: this.#detail };
  }
}

const copyOf = (detail) => (detail === undefined || detail === null ? null : structuredClone(detail));

const dictionary = (options) => {
  if (options === undefined || options === null) return {};
  if (typeof options !== 'object' && typeof options !== 'function') throw new TypeError('The options are no object');
  return options;
};

const timeOf = (value) => {
  const time = Number(value);
  if (!Number.isFinite(time) || time < 0) throw new TypeError(`${value} is no time since the attempt's beginning`);
  return time;
};

class PerformanceMark extends Detailed {
  constructor(name, options) {
    if (arguments.length === 0) throw new TypeError('A mark needs a name');
    const { detail, startTime } = dictionary(options);
    const at = startTime === undefined ? now() : timeOf(startTime);
    super(key, { name: String(name), entryType: 'mark', startTime: at, duration: 0 }, copyOf(detail));
  }

  get [Symbol.toStringTag]() {
    return 'PerformanceMark';
  }
}

class PerformanceMeasure extends Detailed {
  get [Symbol.toStringTag]() {
    return 'PerformanceMeasure';
  }
}

let now;
let entries = [];

/** What `clock` says is the time of a mark. */
export function countBy(clock) {
  now = clock;
}

/** What was marked while the component was built has times of another clock. */
export function forgetEntries() {
  entries = [];
}

export function mark(name, options) {
  const made = arguments.length === 0 ? new PerformanceMark() : new PerformanceMark(name, options);
  entries.push(made);
  return made;
}

/** When a mark was, or a time itself. */
function momentOf(value) {
  if (typeof value === 'number') return timeOf(value);
  const found = entries.findLast((entry) => entry instanceof PerformanceMark && entry.name === String(value));
  if (!found) throw new DOMException(`There is no mark '${value}'`, 'SyntaxError');
  return found.startTime;
}

export function measure(name, startOrOptions, endMark) {
  if (arguments.length === 0) throw new TypeError('A measure needs a name');
  const isObject = typeof startOrOptions === 'object' && startOrOptions !== null;
  const given = isObject ? startOrOptions : { start: startOrOptions };
  const { start, end, duration, detail } = given;
  const saysSomething = [start, end, duration, detail].some((each) => each !== undefined);
  if (isObject && saysSomething) {
    if (endMark !== undefined) throw new TypeError('An end beside the options');
    if (start === undefined && end === undefined) throw new TypeError('The options have neither start nor end');
    if (start !== undefined && end !== undefined && duration !== undefined) throw new TypeError('The options have start, end and duration');
  }
  const ended = endOf({ start, end: endMark ?? end, duration });
  const begun = beginningOf({ start, end: ended, duration });
  const made = new PerformanceMeasure(
    key,
    { name: String(name), entryType: 'measure', startTime: begun, duration: ended - begun },
    isObject ? copyOf(detail) : null,
  );
  entries.push(made);
  return made;
}

function endOf({ start, end, duration }) {
  if (end !== undefined) return momentOf(end);
  return start !== undefined && duration !== undefined ? momentOf(start) + momentOf(Number(duration)) : now();
}

function beginningOf({ start, end, duration }) {
  if (start !== undefined && start !== null) return momentOf(start);
  return duration === undefined ? 0 : end - momentOf(Number(duration));
}

export function entriesWith(fields) {
  const wanted = Object.entries(fields).filter(([, value]) => value !== undefined);
  const found = entries.filter((entry) => wanted.every(([field, value]) => entry[field] === String(value)));
  return found.sort((one, other) => one.startTime - other.startTime);
}

export function clearEntries(entryType, name) {
  entries = entries.filter((entry) => entry.entryType !== entryType || (name !== undefined && entry.name !== String(name)));
}

export { PerformanceEntry };

define({ PerformanceEntry, PerformanceMark, PerformanceMeasure });
