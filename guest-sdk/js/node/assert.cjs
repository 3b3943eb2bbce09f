// node:assert.

const { inspect } = require('../platform/inspect.js');
const { isDeepEqual } = require('./deep_equal.js');

class AssertionError extends Error {
  constructor({ message, actual, expected, operator = 'fail' }) {
    super(String(message));
    this.name = 'AssertionError';
    this.code = 'ERR_ASSERTION';
    this.generatedMessage = false;
    Object.assign(this, { actual, expected, operator });
  }
}

function fail(given, told) {
  if (given instanceof Error) throw given;
  throw new AssertionError({ ...told, message: given ?? told.message });
}

const both = (actual, expected) => `${inspect(actual)}\n\nshould equal\n\n${inspect(expected)}`;

function compare(operator, isRight, text) {
  return (actual, expected, message) => {
    if (isRight(actual, expected)) return;
    fail(message, { actual, expected, operator, message: `${text}\n\n${both(actual, expected)}` });
  };
}

function ok(value, message) {
  if (value) return;
  const text = arguments.length === 0 ? 'No value argument passed to `assert.ok()`' : 'The expression evaluated to a falsy value';
  fail(message, { actual: value, expected: true, operator: '==', message: text });
}

/** Whether an error is as it was expected: a class, a pattern, a function that says so, or properties. */
function isExpected(error, expected) {
  if (expected === undefined || typeof expected === 'string') return true;
  if (expected instanceof RegExp) return expected.test(String(error));
  if (typeof expected === 'function') {
    if (expected.prototype !== undefined && error instanceof expected) return true;
    return Object.prototype.isPrototypeOf.call(Error, expected) || expected === Error ? false : expected.call({}, error) === true;
  }
  return Object.keys(expected instanceof Error ? { name: 1, message: 1, ...expected } : expected).every((key) =>
    expected[key] instanceof RegExp && typeof error[key] === 'string'
      ? expected[key].test(error[key])
      : isDeepEqual(error[key], expected[key], true),
  );
}

function thrown(error, expected, message, operator) {
  if (isExpected(error, expected)) return;
  if (typeof expected === 'function' && error instanceof Error) throw error;
  fail(message, { actual: error, expected, operator, message: `The error is not the expected one: ${inspect(error)}` });
}

const missing = (expected, message, what, operator) =>
  fail(typeof expected === 'string' ? expected : message, { operator, expected, message: `Missing expected ${what}.` });

function throws(work, expected, message) {
  let error;
  try {
    work();
  } catch (caught) {
    error = { caught };
  }
  if (error) thrown(error.caught, expected, message, 'throws');
  else missing(expected, message, 'exception', 'throws');
}

async function rejects(work, expected, message) {
  let error;
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (caught) {
    error = { caught };
  }
  if (error) thrown(error.caught, expected, message, 'rejects');
  else missing(expected, message, 'rejection', 'rejects');
}

function unwanted(error, message) {
  fail(message, { actual: error, operator: 'doesNotThrow', message: `Got unwanted exception.\nActual message: "${error?.message}"` });
}

function doesNotThrow(work, expected, message) {
  try {
    work();
  } catch (error) {
    unwanted(error, typeof expected === 'string' ? expected : message);
  }
}

async function doesNotReject(work, expected, message) {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    unwanted(error, typeof expected === 'string' ? expected : message);
  }
}

const assert = Object.assign((...args) => ok(...args), {
  AssertionError,
  ok,
  fail: (message = 'Failed') => fail(message, { operator: 'fail' }),
  equal: compare('==', (one, other) => one == other || (Number.isNaN(one) && Number.isNaN(other)), 'Expected values to be loosely equal:'),
  notEqual: compare('!=', (one, other) => one != other, 'Expected values to be loosely unequal:'),
  strictEqual: compare('strictEqual', Object.is, 'Expected values to be strictly equal:'),
  notStrictEqual: compare('notStrictEqual', (one, other) => !Object.is(one, other), 'Expected values to be strictly unequal:'),
  deepEqual: compare('deepEqual', (one, other) => isDeepEqual(one, other, false), 'Expected values to be loosely deep-equal:'),
  notDeepEqual: compare('notDeepEqual', (one, other) => !isDeepEqual(one, other, false), 'Expected values not to be loosely deep-equal:'),
  deepStrictEqual: compare('deepStrictEqual', (one, other) => isDeepEqual(one, other, true), 'Expected values to be strictly deep-equal:'),
  notDeepStrictEqual: compare(
    'notDeepStrictEqual',
    (one, other) => !isDeepEqual(one, other, true),
    'Expected values not to be strictly deep-equal:',
  ),
  match: compare('match', (text, pattern) => pattern.test(text), 'The input did not match the regular expression:'),
  doesNotMatch: compare(
    'doesNotMatch',
    (text, pattern) => !pattern.test(text),
    'The input was expected not to match the regular expression:',
  ),
  throws,
  rejects,
  doesNotThrow,
  doesNotReject,
  ifError(error) {
    if (error !== null && error !== undefined) throw error;
  },
});

const { strictEqual, notStrictEqual, deepStrictEqual, notDeepStrictEqual } = assert;

assert.strict = Object.assign((...args) => ok(...args), assert, {
  equal: strictEqual,
  notEqual: notStrictEqual,
  deepEqual: deepStrictEqual,
  notDeepEqual: notDeepStrictEqual,
});
assert.strict.strict = assert.strict;

module.exports = assert;
