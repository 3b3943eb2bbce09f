// The project's own dependencies: as they are installed, or installed now.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

import { Problem, tell } from './events.js';

// Without them a project that only names Temporal's packages builds, too: they come with the builder.
const BROUGHT_ALONG = new Set(['@grpc/grpc-js', '@temporalio/activity', '@temporalio/client', '@temporalio/common']);

/** Installs what the project depends on, where nothing is installed yet. No package's own scripts are run. */
export async function install(root, manifest) {
  const needed = Object.keys(manifest.dependencies ?? {}).filter((name) => !BROUGHT_ALONG.has(name));
  if (needed.length === 0 || isInstalled(root)) return;
  const locked = lockedAt(root);
  const folder = locked ?? root;
  const command = locked ? 'ci' : 'install';
  tell('progress', { message: `npm ${command}, as nothing is installed in ${folder}` });
  const arguments_ = [command, '--ignore-scripts', '--no-audit', '--no-fund', ...(locked ? [] : ['--no-package-lock'])];
  const done = spawnSync('npm', arguments_, { cwd: folder, encoding: 'utf8' });
  if (done.error) throw new Problem(`npm can't be started: ${done.error.message}`, { cure: 'install npm, or the dependencies', kind: 'tools' });
  if (done.status !== 0) {
    throw new Problem(`npm ${command} failed in ${folder}`, { details: done.stderr.trim(), cure: 'see what npm says above' });
  }
}

function isInstalled(root) {
  return above(root).some((folder) => existsSync(path.join(folder, 'node_modules')));
}

/** The folder with the lock file: the project's, or of the workspace that it belongs to. */
function lockedAt(root) {
  return above(root).find((folder) => existsSync(path.join(folder, 'package-lock.json')));
}

function above(folder) {
  const parent = path.dirname(folder);
  return parent === folder ? [folder] : [folder, ...above(parent)];
}
