// The metric meter of activities, on the host's instruments.

import { host } from '../platform/host.js';

class Meter {
  createCounter(name, unit, description) {
    const number = make('counter', name, unit, description);
    const add = (value, tags) => measure(number, natural('MetricCounter', value), tags);
    return { name, unit, description, kind: 'counter', valueType: 'int', add };
  }

  createHistogram(name, valueType = 'int', unit, description) {
    const float = valueType === 'float';
    const number = make(float ? 'histogram-float' : 'histogram', name, unit, description);
    const record = (value, tags) => measure(number, float ? positive('MetricHistogram', value) : natural('MetricHistogram', value), tags);
    return { name, unit, description, kind: 'histogram', valueType, record };
  }

  createGauge(name, valueType = 'int', unit, description) {
    const float = valueType === 'float';
    const number = make(float ? 'gauge-float' : 'gauge', name, unit, description);
    const set = (value, tags) => measure(number, float ? positive('MetricGauge', value) : natural('MetricGauge', value), tags);
    return { name, unit, description, kind: 'gauge', valueType, set };
  }
}

export const meter = new Meter();

function make(kind, name, unit, description) {
  return host.createInstrument(kind, String(name), description || undefined, unit || undefined);
}

function measure(number, value, tags = {}) {
  host.measure(number, value, Object.entries(tags).map(([key, value]) => [key, typeof value === 'object' ? JSON.stringify(value) : value]));
}

function positive(what, value) {
  if (typeof value !== 'number') throw new TypeError(`${what} value must be a number (got ${value})`);
  if (value < 0) throw new Error(`${what} value must be non-negative (got ${value})`);
  return value;
}

/** Whole, as Temporal's worker makes it. */
function natural(what, value) {
  return Math.trunc(positive(what, value)) || 0;
}
