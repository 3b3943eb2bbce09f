// Lets Node import TypeScript: types become blanks, so that everything stays at its line and column.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

let packages;
let transformSync;

export function initialize(data) {
  packages = data.packages;
  ({ transformSync } = createRequire(packages)('amaro'));
}

/** Packages are those of the worker; files are named without their ending. */
export function resolve(specifier, context, next) {
  if (/^\.\.?\//.test(specifier) && context.parentURL.endsWith('.ts')) return next(`${specifier}.ts`, context);
  if (/^(\.|\/|\w+:)/.test(specifier)) return next(specifier, context);
  return next(specifier, { ...context, parentURL: packages });
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const { code } = transformSync(await readFile(fileURLToPath(url), 'utf8'), { mode: 'strip-only' });
  return { format: 'module', source: code, shortCircuit: true };
}
