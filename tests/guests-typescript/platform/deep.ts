// What nests deeper than any stack is.

function lists(depth: number): unknown[] {
  let nested: unknown[] = [];
  for (let level = 1; level < depth; level++) nested = [nested];
  return nested;
}

function proxies(depth: number): { a?: number } {
  let nested = { a: 1 };
  for (let level = 0; level < depth; level++) nested = new Proxy(nested, {});
  return nested;
}

const evaluated = (source: string): unknown => new Function(`let a; return ${source}`)();

const cases: Record<string, (depth: number) => unknown> = {
  'lists in JSON': (depth) => JSON.parse('['.repeat(depth) + ']'.repeat(depth)),
  'objects in JSON': (depth) => JSON.parse('{"a":'.repeat(depth) + '1' + '}'.repeat(depth)),
  'a reviver': (depth) => JSON.parse('['.repeat(depth) + ']'.repeat(depth), (_, value) => value),
  'writing JSON': (depth) => JSON.stringify(lists(depth)),
  'a text of lists': (depth) => String(lists(depth)),
  'flat lists': (depth) => lists(depth).flat(Infinity),
  'a clone': (depth) => structuredClone(lists(depth)),
  'lists in source': (depth) => evaluated('['.repeat(depth) + ']'.repeat(depth)),
  'parentheses': (depth) => evaluated('('.repeat(depth) + '1' + ')'.repeat(depth)),
  'templates': (depth) => evaluated('`${'.repeat(depth) + '1' + '}`'.repeat(depth)),
  'negations': (depth) => evaluated('!'.repeat(depth) + '1'),
  'conditions': (depth) => evaluated('1?'.repeat(depth) + '1' + ':1'.repeat(depth)),
  'powers': (depth) => evaluated('1**'.repeat(depth) + '1'),
  'assignments': (depth) => evaluated('a='.repeat(depth) + '1'),
  'blocks': (depth) => new Function('{'.repeat(depth) + '}'.repeat(depth))(),
  'getting through proxies': (depth) => proxies(depth).a,
  'setting through proxies': (depth) => (proxies(depth).a = 2),
  'looking through proxies': (depth) => 'a' in proxies(depth),
  'prototypes of proxies': (depth) => Object.getPrototypeOf(proxies(depth)),
  'keys of proxies': (depth) => Object.keys(proxies(depth)),
  'defining through proxies': (depth) => Object.defineProperty(proxies(depth), 'b', { value: 1 }),
  'deleting through proxies': (depth) => delete proxies(depth).a,
};

function outcome(depth: number, go: (depth: number) => unknown): string {
  try {
    go(depth);
    return 'done';
  } catch (error) {
    return String(error);
  }
}

/** What each case comes to that comes to something else than the end of its work, or a RangeError if it is deep. */
export async function deep(): Promise<string[]> {
  const others: string[] = [];
  for (const [name, go] of Object.entries(cases)) {
    for (const depth of [500, 10_000, 30_000, 100_000]) {
      const came = outcome(depth, go);
      const refused = depth !== 500 && came === 'RangeError: Maximum call stack size exceeded';
      if (came !== 'done' && !refused) others.push(`${name}, ${depth}: ${came}`);
    }
  }
  return others;
}

export async function deepResult(): Promise<unknown> {
  return lists(200_000);
}
