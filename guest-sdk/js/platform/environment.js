// The environment variables that the component was granted. While the component is built there are none.

import { host } from './host.js';

/** `process.env`: always this object. Values become strings, as in Node. */
const values = {};

export const environment = new Proxy(values, {
  set: (target, name, value) => Reflect.set(target, name, String(value)),
  defineProperty: (target, name, descriptor) =>
    Reflect.defineProperty(target, name, { ...descriptor, value: String(descriptor.value) }),
});

/** Has what is granted to this attempt. What the project has set itself stays. */
export function resetEnvironment() {
  Object.assign(values, host.environment());
}
