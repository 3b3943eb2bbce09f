// node:async_hooks: AsyncLocalStorage and AsyncResource on the context that the platform carries along.

import { capture, carryFrames, enter, frame, run } from '../platform/context.js';

let made = 0;

export class AsyncLocalStorage {
  #default;

  constructor({ defaultValue, name = '' } = {}) {
    // The first is that of Temporal's package, whose store is the same all through an attempt.
    if (++made > 1) carryFrames();
    this.#default = defaultValue;
    this.name = name;
  }

  static bind(work) {
    return capture(work);
  }

  static snapshot() {
    return capture((work, ...args) => work(...args));
  }

  #with(store) {
    return new Map(frame()).set(this, store);
  }

  getStore() {
    const stores = frame();
    return stores?.has(this) ? stores.get(this) : this.#default;
  }

  run(store, work, ...args) {
    return run(this.#with(store), work, null, args);
  }

  exit(work, ...args) {
    return this.run(undefined, work, ...args);
  }

  enterWith(store) {
    enter(this.#with(store));
  }

  disable() {
    const stores = new Map(frame());
    stores.delete(this);
    enter(stores);
  }
}

export class AsyncResource {
  #run = AsyncLocalStorage.snapshot();

  constructor(type) {
    this.type = type;
  }

  static bind(work, type, self) {
    return new AsyncResource(type).bind(work, self);
  }

  runInAsyncScope(work, self, ...args) {
    return this.#run(() => Reflect.apply(work, self, args));
  }

  bind(work, self) {
    const resource = this;
    return function (...args) {
      return resource.runInAsyncScope(work, self ?? this, ...args);
    };
  }

  emitDestroy() {
    return this;
  }

  asyncId() {
    return 1;
  }

  triggerAsyncId() {
    return 0;
  }
}

// Hooks would need the engine's help; who only wants a store does not notice.
export const createHook = () => {
  const hook = { enable: () => hook, disable: () => hook };
  return hook;
};
export const executionAsyncId = () => 1;
export const triggerAsyncId = () => 0;
export const executionAsyncResource = () => ({});

export default {
  AsyncLocalStorage,
  AsyncResource,
  createHook,
  executionAsyncId,
  triggerAsyncId,
  executionAsyncResource,
};
