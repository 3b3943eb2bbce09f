// How globals are put in place.

/** Sets properties of the global object as the web's are: changeable, and not listed. */
export function define(values) {
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });
  }
}

define({ self: globalThis, global: globalThis });
