// What node-inspect-extracted looks at while it loads and the engine in the sandbox does not have.

export const borrowed = ['Atomics', 'SharedArrayBuffer'].filter((name) => !(name in globalThis));

for (const name of borrowed) {
  Object.defineProperty(globalThis, name, { value: class {}, writable: true, configurable: true });
}
