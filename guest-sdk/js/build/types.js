// The types of a TypeScript project, checked by its own compiler.

import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';

import { Problem, tell } from './events.js';

// Bytes of what the compiler may say: it names thousands of places where a package's types are missing.
const MOST_TOLD = 16 << 20;

/** Runs `tsc --noEmit`, where the project has TypeScript and says what it is to be checked with. */
export async function check({ root }) {
  const config = path.join(root, 'tsconfig.json');
  if (!existsSync(config)) return;
  let manifest;
  try {
    // The one file of the package that every version lets others find.
    manifest = createRequire(config).resolve('typescript/package.json');
  } catch {
    return;
  }
  const compiler = path.join(path.dirname(manifest), JSON.parse(readFileSync(manifest, 'utf8')).bin.tsc);
  tell('progress', { message: 'checking types and bundling' });
  const arguments_ = [compiler, '--noEmit', '--pretty', 'false', '-p', config];
  try {
    await promisify(execFile)(process.execPath, arguments_, { cwd: root, encoding: 'utf8', maxBuffer: MOST_TOLD });
  } catch ({ stdout = '', stderr = '', message }) {
    throw new Problem("the project's types are wrong", {
      details: `${stdout}${stderr}`.trim() || message,
      cure: 'mend them, or build with --no-types',
    });
  }
}
