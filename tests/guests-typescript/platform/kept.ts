// What the build has left in memory stays there for good, uncounted. An attempt that changes it must not notice.

import { AsyncLocalStorage } from 'node:async_hooks';

const table: Record<string, unknown> = { a: 1, b: 'two', c: [3] };
const list: unknown[] = [1, 'two', { three: 3 }];
const names = new Map<unknown, string>([[table, 'table'], [list, 'list']]);
const notes = new WeakMap<object, object>([[table, { of: 'table' }]]);
const text = `bu${'ilt'}`.repeat(3);
const large = 1n << 200n;

class Shape {
  #sides = 4;
  name = 'shape';
  sides() {
    return this.#sides;
  }
}
const shape = new Shape();

function* counting() {
  for (let n = 0; ; n++) yield n;
}
const counter = counting();
counter.next();

// A promise that the build left waiting, with an `await` in the middle of a function.
let open: (value: string) => void = () => undefined;
const gate = new Promise<string>((resolve) => {
  open = resolve;
});
const passed = (async () => `passed with ${await gate}`)();

/** Changes everything, in ways that give objects other shapes and let what they had go. */
export async function changes_what_was_built(): Promise<unknown> {
  for (let n = 0; n < 100; n++) table[`key${n}`] = { n };
  for (let n = 0; n < 99; n++) delete table[`key${n}`];
  delete table.a;
  table.c = null;
  Object.defineProperty(table, 'hidden', { get: () => 'seen', enumerable: false, configurable: true });
  list.push(...list, text);
  list.splice(0, 2);
  names.delete(list);
  names.set(shape, 'shape');
  notes.set(list, { of: 'list' });
  Object.assign(Shape.prototype, { twice(this: Shape) { return 2 * this.sides(); } });
  Object.setPrototypeOf(table, { inherited: true });
  let longer = text;
  for (let n = 0; n < 1_000; n++) longer += text;
  open('a key');
  return {
    table: [Object.keys(table), table.hidden, table.inherited, 'a' in table],
    list,
    names: [...names.values()],
    notes: [notes.get(table), notes.get(list)],
    shape: [shape.name, (shape as unknown as { twice(): number }).twice(), Object.keys({ ...shape, more: 1 })],
    counter: [counter.next().value, counter.next().value],
    text: [text, longer.length],
    large: String(large + 1n),
    passed: await passed,
  };
}

/** Makes far more than there is memory for, all of it in circles and most of it with what was built in them. */
export function makes_circles(rounds: number): unknown {
  const weak = new WeakRef(table);
  let last: unknown;
  for (let n = 0; n < rounds; n++) {
    const circle: Record<string, unknown> = { table, list, shape: new Shape(), filling: 'x'.repeat(100) + n };
    circle.self = circle;
    circle.closure = () => circle;
    table.last = circle;
    last = circle.filling;
  }
  return [last, weak.deref() === table, names.get(table)];
}

const first = new AsyncLocalStorage<string>();

/** A context that is entered in the middle, while others wait. */
export async function enters_contexts(): Promise<unknown> {
  const turn = () => new Promise((resolve) => setTimeout(resolve, 1));
  const other = first.run('other', async () => {
    await turn();
    return first.getStore();
  });
  await turn();
  const before = first.getStore();
  first.enterWith('entered');
  await turn();
  return [before, first.getStore(), await other];
}
