// The types of a TypeScript project, checked by its own compiler.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import { Problem, tell } from './events.js';

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
  tell('progress', { message: 'checking types' });
  const done = spawnSync(process.execPath, [compiler, '--noEmit', '--pretty', 'false', '-p', config], { cwd: root, encoding: 'utf8' });
  if (done.status === 0) return;
  const details = `${done.stdout}${done.stderr}`.trim();
  throw new Problem("the project's types are wrong", { details, cure: 'mend them, or build with --no-types' });
}
