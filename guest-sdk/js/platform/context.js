// The context that follows the code across what it waits for: what `AsyncLocalStorage` is built on.
//
// QuickJS has no hook for this, and its own `await` does not call `then`. The bundler therefore turns asynchronous
// functions into generators that do (`esbuild.supported` in node/modules.js), and `then` is the one place to carry the
// context through promises. Timers and microtasks bind what they are given in the same way.

// A frame is a map from each storage to its store, and is never changed. What is left here outside of any call is the
// frame for code that nobody bound.
let current;

// Nothing needs to be carried before the first frame.
let used = false;

export function frame() {
  return current;
}

/** Makes this the frame of what still runs in the same turn, and of all that it starts. */
export function enter(frame) {
  carryFrames();
  current = frame;
}

/** Calls a function within a frame. */
export function run(frame, work, self, args) {
  const before = current;
  enter(frame);
  try {
    return Reflect.apply(work, self, args);
  } finally {
    current = before;
  }
}

/** A function that does the same within the frame of now. */
export function bind(work) {
  return used ? capture(work) : work;
}

/** As `bind`, also for a function that may be called where there is a frame, although there is none yet. */
export function capture(work) {
  const frame = current;
  return function (...args) {
    return run(frame, work, this, args);
  };
}

// As `capture`, for what takes one value: this is on the way of every `await`.
function carry(work) {
  if (typeof work !== 'function') return work;
  const frame = current;
  return (value) => {
    const before = current;
    current = frame;
    try {
      return work(value);
    } finally {
      current = before;
    }
  };
}

const nativeThen = Promise.prototype.then;
const nativeResolve = Promise.resolve;

const replacements = {
  then(onFulfilled, onRejected) {
    if (!used) return nativeThen.call(this, onFulfilled, onRejected);
    return nativeThen.call(this, carry(onFulfilled), carry(onRejected));
  },
};

// An object of somebody's own with a `then`, such as a query that starts once it is awaited, is called in a turn of
// its own, and must find the frame of whoever awaits it.
const statics = {
  resolve(value) {
    if (used && this === Promise && value !== null && typeof value === 'object' && !(value instanceof Promise)) {
      const { then } = value;
      if (typeof then === 'function') {
        return new Promise((resolve, reject) => {
          queueMicrotask(() => {
            try {
              then.call(value, resolve, reject);
            } catch (error) {
              reject(error);
            }
          });
        });
      }
    }
    return nativeResolve.call(this, value);
  },
};

function replace(target, functions) {
  for (const [name, value] of Object.entries(functions)) {
    Object.defineProperty(target, name, { value, writable: true, configurable: true });
  }
}

replace(Promise.prototype, replacements);
replace(Promise, statics);

/**
 * Makes `store` that of a storage for all that happens from here on. Nothing need carry it along: there is no other
 * frame, until somebody makes one.
 */
export function beginWith(storage, store) {
  current = new Map([[storage, store]]);
}

/** From here on the frame is carried along. */
export function carryFrames() {
  used = true;
}

/** Forgets the frame that the build may have left. */
export function resetContext() {
  current = undefined;
}
