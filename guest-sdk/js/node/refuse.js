// What Node has and the sandbox has not, within a module that is there: it can be imported, and says so when it is used.

/** A function, which is also a class, that only throws. */
export function refuse(name, reason = 'is not there in the sandbox') {
  return function () {
    throw Object.assign(new Error(`${name} ${reason}`), { code: 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM' });
  };
}
