// Stack traces: positions in the bundle become positions in the project's files, and what is not the project's goes.

import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';

import { translateWith } from '../platform/readable.js';

// The bundle's name, as the runtime gives it, with a line and a column.
const POSITION = /isolet:bundle:(\d+):(\d+)/;

// The source map as a text, from the runtime. It is read when something fails.
const text = globalThis.__isolet_source_map;
delete globalThis.__isolet_source_map;
let map;

function sourceMap() {
  map ??= new TraceMap(text);
  return map;
}

/** A stack in which each frame of the project has its file, line and column, and other frames are left out. */
export function translate(stack) {
  if (typeof stack !== 'string') return stack;
  return stack.split('\n').flatMap(translateLine).join('\n');
}

translateWith(translate);

function translateLine(line) {
  const position = POSITION.exec(line);
  if (!position) return /^\s+at .*\(native\)$/.test(line) ? [] : [line];
  const original = originalPositionFor(sourceMap(), { line: Number(position[1]), column: Number(position[2]) - 1 });
  if (original.source === null || isOurs(original.source)) return [];
  return [line.replace(position[0], `${original.source}:${original.line}:${original.column + 1}`)];
}

function isOurs(source) {
  return source.startsWith('isolet:') || source.includes('node_modules/@temporalio/');
}

/** What is wrong with a project, for its author: told as it is, without a stack. */
export class ProjectError extends Error {}

// For what nobody catches: the runtime tells of it on standard error. What begins with the mark is known to the builder.
globalThis.__isolet_explain = (error) => {
  if (error instanceof ProjectError) return `isolet-problem: ${error.message}`;
  if (!(error instanceof Error)) return `thrown: ${String(error)}`;
  const header = `${error.name}: ${error.message}`;
  const stack = translate(error.stack ?? '');
  const told = stack.startsWith(header) ? stack : `${header}\n${stack}`;
  return error.cause === undefined ? told : `${told.trimEnd()}\ncaused by ${globalThis.__isolet_explain(error.cause)}`;
};
