// `node build/main.js PROJECT METHODS [--no-types]`: makes one script of a project, behind its source map. The methods, with
// commas between them, are those that Temporal's client can be granted.
// What happens is told on standard output, one event in JSON a line, as the builder of Python projects tells it.

import path from 'node:path';

import { bundle } from './bundle.js';
import { findProject } from './project.js';
import { Problem, tell } from './events.js';
import { check } from './types.js';

async function main([project, methods, ...flags]) {
  const found = await findProject(path.resolve(project));
  tell('progress', { message: 'bundling' });
  const checked = flags.includes('--no-types') ? undefined : check(found);
  // Whoever listens goes on with the script while types are still checked.
  const bundled = bundle(found, methods.split(',')).then(({ code, map, warnings }) => {
    warnings.forEach((message) => tell('warning', { message }));
    tell('done', { modules: [found.shownEntry], bundle: `${map}\n${code}` });
  });
  // Wrong types often are why it can't be bundled, and they say more.
  await Promise.allSettled([checked, bundled]);
  await checked;
  await bundled;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const problem = error instanceof Problem ? error : new Problem(error?.stack ?? String(error), { kind: 'tools' });
  tell('problem', { message: problem.message, traceback: problem.details, cure: problem.cure, kind: problem.kind });
  process.exitCode = 1;
}
