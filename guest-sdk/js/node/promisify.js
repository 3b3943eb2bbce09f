// promisify and callbackify of node:util.

const custom = Symbol.for('nodejs.util.promisify.custom');

export function promisify(work) {
  if (typeof work !== 'function') {
    throw Object.assign(new TypeError('The "original" argument must be of type function.'), { code: 'ERR_INVALID_ARG_TYPE' });
  }
  if (work[custom]) return work[custom];
  if (timers.has(work)) return timers.get(work)();
  function promised(...args) {
    return new Promise((resolve, reject) => {
      Reflect.apply(work, this, [...args, (error, value) => (error ? reject(error) : resolve(value))]);
    });
  }
  return Object.defineProperties(Object.setPrototypeOf(promised, Object.getPrototypeOf(work)), Object.getOwnPropertyDescriptors(work));
}

promisify.custom = custom;

// Their callbacks come first.
const timers = new Map([
  [globalThis.setTimeout, () => (delay, value) => new Promise((resolve) => setTimeout(resolve, delay, value))],
  [globalThis.setImmediate, () => (value) => new Promise((resolve) => setImmediate(resolve, value))],
]);

export function callbackify(work) {
  return function (...args) {
    const done = args.pop();
    Reflect.apply(work, this, args).then(
      (value) => queueMicrotask(() => done(null, value)),
      (error) =>
        queueMicrotask(() => done(error ?? Object.assign(new Error('Promise was rejected with a falsy value'), { reason: error }))),
    );
  };
}
