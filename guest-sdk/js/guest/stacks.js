// Stack traces: positions in the bundle become positions in the project's files, and what is not the project's goes.

import { decode } from '@jridgewell/sourcemap-codec';

import { translateWith } from '../platform/readable.js';

// The bundle's name, as the runtime gives it, with a line and a column.
const POSITION = /isolet:bundle:(\d+):(\d+)/g;

// What the builder knows of the bundle's positions, as a text, from the runtime. It is read when a stack is looked at.
const text = globalThis.__isolet_source_map;
delete globalThis.__isolet_source_map;
let read;

function known() {
  read ??= JSON.parse(text);
  return read;
}

// A line of a stack: the function, and where in the bundle.
const FRAME = /^\s+at (.*) \((?:native|isolet:bundle:(\d+):(\d+))\)$/;

// Asynchronous functions are compiled to generators, which the functions hand to these.
const LOWERED = /^__async(Generator)?$/;

/** A stack in which each frame of the project has its file, line and column, and other frames are left out. */
export function translate(stack) {
  if (typeof stack !== 'string') return stack;
  const lines = [];
  let isLowered = false;
  for (const line of stack.split('\n')) {
    const frame = FRAME.exec(line);
    const shown = frame ? translated(line, frame) : translateWithin(line);
    if (shown === undefined) {
      if (frame[2]) isLowered = LOWERED.test(frame[1]);
      continue;
    }
    // The function that a generator stands for is no frame of its own.
    if (!isLowered) lines.push(shown);
    isLowered = false;
  }
  return lines.join('\n');
}

translateWith(translate);

/** The frame as it is shown, if it is the project's. */
function translated(line, [, name, bundleLine, column]) {
  const position = [Number(bundleLine), Number(column) - 1];
  const original = bundleLine && originalOf(...position);
  if (!original) return undefined;
  const shown = name === '<anonymous>' ? nameAt(...position) || name : name;
  return `    at ${shown} (${original})`;
}

/** The name of the innermost asynchronous function at a position of the bundle. */
function nameAt(line, column) {
  const isAfter = (otherLine, otherColumn) => line > otherLine || (line === otherLine && column >= otherColumn);
  const around = ([first, start, last, end]) => isAfter(first, start) && !isAfter(last, end);
  const names = known();
  if (typeof names.functions === 'string') names.functions = JSON.parse(names.functions);
  return names.functions.findLast(around)?.[4];
}

/** A text that is no frame by itself, in which a position may be named. */
function translateWithin(text) {
  return text.replace(POSITION, (position, line, column) => originalOf(Number(line), Number(column) - 1) ?? position);
}

function originalOf(line, column) {
  const { pieces, sources } = known();
  const piece = pieces.findLast(([first, start]) => first === line && start <= column);
  const [, source, originalLine, originalColumn] = piece ? decode(piece[2])[0].findLast(([start]) => start <= column) : [];
  if (source === undefined || isOurs(sources[source])) return undefined;
  return `${sources[source]}:${originalLine + 1}:${originalColumn + 1}`;
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
