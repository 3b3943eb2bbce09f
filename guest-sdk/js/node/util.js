// node:util. What shows values is Node's own code, of the package node-inspect-extracted.

import { format, formatWithOptions, inspect, stripVTControlCharacters } from '../platform/inspect.js';
import { environment } from '../platform/environment.js';
import { refuse } from './refuse.js';
import { isDeepEqual } from './deep_equal.js';
import { callbackify, promisify } from './promisify.js';
import * as types from './util_types.js';

const { TextDecoder, TextEncoder } = globalThis;

export const isDeepStrictEqual = (one, other) => isDeepEqual(one, other, true);

export function inherits(constructor, parent) {
  Object.defineProperty(constructor, 'super_', { value: parent, writable: true, configurable: true });
  Object.setPrototypeOf(constructor.prototype, parent.prototype);
}

const warned = new Set();

export function deprecate(work, message, code) {
  let isTold = false;
  function deprecated(...args) {
    if (!isTold && !warned.has(code)) {
      isTold = true;
      if (code !== undefined) warned.add(code);
      process.emitWarning({ name: 'DeprecationWarning', message });
    }
    return new.target ? Reflect.construct(work, args, new.target) : Reflect.apply(work, this, args);
  }
  if (work.prototype) deprecated.prototype = work.prototype;
  return Object.setPrototypeOf(deprecated, work);
}

export function debuglog(section) {
  const isWanted = () => (environment.NODE_DEBUG ?? '').split(',').some((each) => each.trim().toLowerCase() === section.toLowerCase());
  const log = (...args) => {
    if (isWanted()) console.error(`${section.toUpperCase()} 1: ${format(...args)}`);
  };
  return Object.defineProperty(log, 'enabled', { get: isWanted });
}

export { debuglog as debug };

export const toUSVString = (text) => String(text).toWellFormed();

export function styleText(style, text) {
  const codes = [style].flat().map((each) => inspect.colors[each] ?? [0, 0]);
  return codes.reduceRight((styled, [on, off]) => `\x1b[${on}m${styled}\x1b[${off}m`, text);
}

export function aborted(signal) {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

export const MIMEType = refuse('util.MIMEType');
export const parseArgs = refuse('util.parseArgs');
export const parseEnv = refuse('util.parseEnv');
export const getSystemErrorName = (number) => `Unknown system error ${number}`;
export const log = (...args) => console.log(...args);

// Deprecated in Node, and used by old packages.
export const _extend = (target, source) => Object.assign(target, source);
export const { isArray } = Array;
export const isBoolean = (value) => typeof value === 'boolean';
export const isBuffer = (value) => value instanceof Uint8Array && typeof value.readUInt8 === 'function';
export const isDate = types.isDate;
export const isError = (value) => value instanceof Error;
export const isFunction = (value) => typeof value === 'function';
export const isNull = (value) => value === null;
export const isNullOrUndefined = (value) => value === null || value === undefined;
export const isNumber = (value) => typeof value === 'number';
export const isObject = (value) => value !== null && typeof value === 'object';
export const isPrimitive = (value) => !isObject(value) && typeof value !== 'function';
export const isRegExp = types.isRegExp;
export const isString = (value) => typeof value === 'string';
export const isSymbol = (value) => typeof value === 'symbol';
export const isUndefined = (value) => value === undefined;

export { TextDecoder, TextEncoder, callbackify, format, formatWithOptions, inspect, promisify, stripVTControlCharacters, types };

export default {
  MIMEType,
  TextDecoder,
  TextEncoder,
  _extend,
  aborted,
  callbackify,
  debug: debuglog,
  debuglog,
  deprecate,
  format,
  formatWithOptions,
  getSystemErrorName,
  inherits,
  inspect,
  isArray,
  isBoolean,
  isBuffer,
  isDate,
  isDeepStrictEqual,
  isError,
  isFunction,
  isNull,
  isNullOrUndefined,
  isNumber,
  isObject,
  isPrimitive,
  isRegExp,
  isString,
  isSymbol,
  isUndefined,
  log,
  parseArgs,
  parseEnv,
  promisify,
  stripVTControlCharacters,
  styleText,
  toUSVString,
  types,
};
