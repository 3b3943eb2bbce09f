// node:console.

import { console } from '../platform/console.js';

export const {
  assert,
  clear,
  count,
  countReset,
  debug,
  dir,
  dirxml,
  error,
  group,
  groupCollapsed,
  groupEnd,
  info,
  log,
  table,
  time,
  timeEnd,
  timeLog,
  trace,
  warn,
} = console;

export const Console = class {
  constructor() {
    return console;
  }
};

console.Console = Console;

export default console;
