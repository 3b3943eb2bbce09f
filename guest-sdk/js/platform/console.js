// `console`, formatted by Node's own code (the package node-inspect-extracted).

import { format, inspect } from './inspect.js';
import { define } from './globals.js';
import { host } from './host.js';
import { performance } from './performance.js';
import { table } from './table.js';

const counts = new Map();
const times = new Map();
let indentation = '';

function line(write, text) {
  write(`${indentation === '' ? text : indentation + text.replaceAll('\n', `\n${indentation}`)}\n`);
}

const out = (...args) => line(host.print, format(...args));
const error = (...args) => line(host.printError, format(...args));

const elapsed = (label) => {
  const milliseconds = performance.now() - times.get(label);
  return milliseconds < 1000 ? `${milliseconds.toFixed(3)}ms` : `${(milliseconds / 1000).toFixed(3)}s`;
};

const methods = {
  log: out,
  info: out,
  debug: out,
  dirxml: out,
  warn: error,
  error,

  trace(...args) {
    const { stack } = new Error();
    error(`Trace${args.length > 0 ? `: ${format(...args)}` : ''}\n${stack.slice(stack.indexOf('    at'))}`.trimEnd());
  },

  assert(truth, ...args) {
    if (truth) return;
    if (typeof args[0] === 'string') args[0] = `Assertion failed: ${args[0]}`;
    else args.unshift('Assertion failed');
    error(...args);
  },

  dir(value, options) {
    line(host.print, inspect(value, { customInspect: false, ...options }));
  },

  table(data, columns) {
    out(table(data, columns));
  },

  clear() {},

  count(given = 'default') {
    const label = `${given}`;
    counts.set(label, (counts.get(label) ?? 0) + 1);
    out(`${label}: ${counts.get(label)}`);
  },

  countReset(label = 'default') {
    counts.delete(`${label}`);
  },

  group(...args) {
    if (args.length > 0) out(...args);
    indentation += '  ';
  },

  groupEnd() {
    indentation = indentation.slice(2);
  },

  time(label = 'default') {
    times.set(`${label}`, performance.now());
  },

  timeLog(given = 'default', ...args) {
    const label = `${given}`;
    if (times.has(label)) out(`${label}: ${elapsed(label)}`, ...args);
  },

  timeEnd(given = 'default') {
    const label = `${given}`;
    console.timeLog(label);
    times.delete(label);
  },
};

methods.groupCollapsed = methods.group;

// A namespace, by the standard: its prototype is an object of its own.
export const console = Object.assign(Object.create({}), methods);
Object.defineProperty(console, Symbol.toStringTag, { value: 'console', configurable: true });

define({ console });
