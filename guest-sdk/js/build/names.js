// The names of asynchronous functions. In the bundle each of them hands a generator to one of esbuild's helpers, and the
// generator, which has no name, is what stacks show.

import { parseExpressionAt } from 'acorn';

// What a call of a helper looks like, and what is before it and after it where it is all that a function does.
const CALL = /\b__async(?:Generator)?\(/g;
const FUNCTION_BEFORE = /([\w$#]+|"[^"]*")\([\w$,.]*\)\{return $/;
const NAME_BEHIND = /^\}?,"([^"]*)"\)/;

// What a function was called before its name had to differ from another's.
const RENAMED = /\b__name\(([\w$]+),"([^"]*)"\)/g;

// How much of the code may be before a call that says the name.
const HEAD = 300;

/**
 * @returns for each such generator where it begins and ends, and its name: `[line, column, line, column, name]`. Other
 *   functions within it are listed without a name.
 */
export function namesOfGenerators(code) {
  const lines = [0, ...[...code.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const position = (offset) => {
    const line = lines.findLastIndex((start) => start <= offset);
    return [line + 1, offset - lines[line]];
  };
  const renamed = new Map([...code.matchAll(RENAMED)].map(([, now, before]) => [now, before]));
  const found = [];
  const list = ({ start, end }, name) => found.push([...position(start), ...position(end), name]);
  for (const { index } of code.matchAll(CALL)) {
    const call = callAt(code, index);
    const generator = call?.arguments[2];
    if (!generator?.generator) continue;
    const name = nameOf(code, call);
    list(generator, renamed.get(name) ?? name);
    for (const each of functionsWithin(generator.body)) list(each, '');
  }
  return found;
}

/** The call at an offset, if it can be read: what nests too deeply does without a name. */
function callAt(code, offset) {
  let node;
  try {
    node = parseExpressionAt(code, offset, { ecmaVersion: 'latest' });
  } catch {
    return undefined;
  }
  // What follows it may be a part of the same expression.
  while (node && !(node.type === 'CallExpression' && node.callee.type === 'Identifier')) {
    node = node.expressions?.[0] ?? node.callee ?? node.object ?? node.left ?? node.test;
  }
  return node;
}

/** The name of the function that only makes the call. */
function nameOf(code, { start, end }) {
  const [, before] = FUNCTION_BEFORE.exec(code.slice(Math.max(start - HEAD, 0), start)) ?? [];
  const behind = NAME_BEHIND.exec(code.slice(end, end + HEAD))?.[1];
  return behind ?? (before === 'function' ? '' : (before?.replaceAll('"', '') ?? ''));
}

/** The functions within a part of the code that are within no other of them. */
function* functionsWithin(part) {
  for (const value of Object.values(part)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (typeof each?.type !== 'string') continue;
      if (/Function/.test(each.type)) yield each;
      else yield* functionsWithin(each);
    }
  }
}
