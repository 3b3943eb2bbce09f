// The names of asynchronous functions. In the bundle each of them hands a generator to one of esbuild's helpers, and the
// generator, which has no name, is what stacks show.

import { parse } from 'acorn';

const FUNCTION = /Function/;

const HELPERS = new Set(['__async', '__asyncGenerator']);

/**
 * @returns for each such generator where it begins and ends, and its name: `[line, column, line, column, name]`. Other
 *   functions within it are listed without a name.
 */
export function namesOfGenerators(code) {
  const found = [];
  const renamed = new Map();
  const list = ({ loc: { start, end } }, name) => found.push([start.line, start.column, end.line, end.column, name]);
  const visit = (node, name, isWithin = false) => {
    if (node.type === 'CallExpression' && node.callee.name === '__name') {
      const [named, { value }] = node.arguments;
      if (named.type === 'Identifier') renamed.set(named.name, value);
      return visit(named, value, isWithin);
    }
    const inner = nameWithin(node) ?? name;
    const generator = node.type === 'CallExpression' && HELPERS.has(node.callee.name) ? node.arguments[2] : undefined;
    if (generator) list(generator, name ?? '');
    if (isWithin && FUNCTION.test(node.type)) list(node, '');
    for (const part of Object.values(node)) {
      for (const each of Array.isArray(part) ? part : [part]) {
        if (typeof each?.type === 'string') visitPart(each, inner, generator, isWithin);
      }
    }
  };
  // The generator itself is listed already.
  const visitPart = (part, name, generator, isWithin) => {
    if (part !== generator) return visit(part, name, isWithin);
    for (const each of [...part.params, part.body]) visit(each, undefined, true);
  };
  try {
    visit(parse(code, { ecmaVersion: 'latest', locations: true }), undefined);
  } catch {
    // What nests too deeply to be read does without.
    return [];
  }
  return found.map(([line, column, lastLine, lastColumn, name]) => [line, column, lastLine, lastColumn, renamed.get(name) ?? name]);
}

/** The name that what is within a node has, if it is a function's or is about to be. */
function nameWithin({ type, id, key, computed, left }) {
  if (id) return id.name;
  if (key && !computed) return key.name ?? String(key.value);
  return type === 'AssignmentExpression' ? (left.name ?? left.property?.name) : undefined;
}
