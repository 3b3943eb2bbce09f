// One script of everything: the platform, Temporal's packages, and the project's code.

import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { decode, encode } from '@jridgewell/sourcemap-codec';
import { context, formatMessages } from 'esbuild';

import { options } from '../node/modules.js';
import { usesClient } from './client.js';
import { Problem } from './events.js';
import { CLIENT, ENTRY, Imports } from './imports.js';
import { namesOfGenerators } from './names.js';
import { fewerMessages } from './protos.js';

// What only running it shows, when nothing is there to be loaded.
const COMPUTED = {
  'unsupported-require-call': 'What a `require` of a computed name asks for is not in the component: name it, or import it',
  'unsupported-dynamic-import': 'What an `import` of a computed name asks for is not in the component: name it',
};

const SDK = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** @returns the script, its source map as one line, and what the project's author should know */
export async function bundle(project, clientMethods) {
  const imports = new Imports(SDK, project.root);
  let built;
  let bundler;
  try {
    bundler = await context({
      stdin: { contents: entry(project), resolveDir: project.root, sourcefile: ENTRY, loader: 'js' },
      outfile: path.join(project.root, 'bundle.js'),
      absWorkingDir: project.root,
      bundle: true,
      write: false,
      // The code runs within a function that can wait; nothing of it becomes global.
      format: 'esm',
      banner: { js: '(async () => {' },
      footer: { js: '})()' },
      platform: 'neutral',
      sourcemap: 'external',
      sourcesContent: false,
      // Nothing else: what is rewritten can't be found in the source map.
      minifyWhitespace: true,
      // Names of classes are the types of failures.
      keepNames: true,
      logLevel: 'silent',
      logOverride: Object.fromEntries(Object.keys(COMPUTED).map((id) => [id, 'warning'])),
      loader: { '.js': 'jsx', '.txt': 'text', '.node': 'copy' },
      ...options,
      metafile: true,
      plugins: [imports.plugin(), fewerMessages(clientMethods), ...(options.plugins ?? [])],
    });
    built = await rebuild(bundler, imports);
    if (await usesClient(built.metafile, imports)) {
      imports.withClient = true;
      built = await rebuild(bundler, imports);
    }
  } catch (error) {
    throw await problemOf(error, imports);
  } finally {
    await bundler?.dispose();
  }
  const [map, script] = built.outputFiles.sort((one, other) => (one.path < other.path ? 1 : -1));
  const warnings = await formatMessages(built.warnings.flatMap((warning) => ofTheProject(warning, project.root)), { kind: 'warning', color: false });
  const code = withWholeCleanups(script.text);
  return { code, map: positions(map.text, code, project.root), warnings: warnings.map((each) => each.trim()) };
}

/** Bundles; where that fails once more, to learn what came to be imported how. */
async function rebuild(bundler, imports) {
  try {
    return await bundler.rebuild();
  } catch (error) {
    if (!error.errors || imports.remembers) throw error;
    imports.remembers = true;
    return await bundler.rebuild();
  }
}

// Of the helper that asynchronous generators are compiled to: with what a generator is called once more that has waited.
const CALLED_AGAIN = /\b([\w$]+)==="return"\?\1:"next",([\w$]+)\[1\]/g;

/**
 * esbuild's helper calls `return` again when a `finally` has waited, which ends it there: only a `yield*` wants that. The
 * code stays as long as it is, for the source map.
 */
function withWholeCleanups(code) {
  return code.replace(CALLED_AGAIN, (text, method, value) => `${method}[5]&&${value}[1]?${method}:"next",${value}[1]`.padEnd(text.length));
}

/** The module that everything begins with. */
function entry({ entry, modules }) {
  const lines = [
    `import ${JSON.stringify(path.join(SDK, 'platform/index.js'))};`,
    `import { install } from ${JSON.stringify(path.join(SDK, 'guest/install.js'))};`,
    `import { clientOf } from ${JSON.stringify(CLIENT)};`,
    `import * as activities from ${JSON.stringify(entry)};`,
  ];
  const parts = ['exports: activities', 'clientOf'];
  for (const [name, file] of Object.entries(modules)) {
    if (!file) continue;
    lines.push(`import { ${name} } from ${JSON.stringify(file)};`);
    parts.push(name);
  }
  return `${lines.join('\n')}\ninstall({ ${parts.join(', ')} });\n`;
}

async function problemOf(error, imports) {
  if (!error.errors) return new Problem(error.stack ?? String(error), { kind: 'tools' });
  const [known] = error.errors.flatMap((each) => (each.detail instanceof Problem ? each.detail : (imports.explain(each) ?? [])));
  if (known) return known;
  const messages = await formatMessages(error.errors.map(inOurWords), { kind: 'error', color: false });
  return new Problem("the project can't be bundled", { details: messages.map((each) => each.trim()).join('\n') });
}

/** A warning as the project's author should read it: none of what packages try, and do without. */
function ofTheProject(warning, root) {
  if (!(warning.id in COMPUTED)) return warning;
  const file = path.resolve(root, warning.location?.file ?? '');
  const isOthers = file.split(path.sep).includes('node_modules') || file.startsWith(SDK + path.sep);
  return isOthers ? [] : { ...warning, text: COMPUTED[warning.id], notes: [] };
}

/** esbuild speaks of the options that it was given. */
function inOurWords(error) {
  if (!error.text.startsWith('Top-level await')) return error;
  return { ...error, text: 'Modules can\'t `await` at their top level here: what takes time belongs into activities', notes: [] };
}

// How many positions stand together: a stack is translated by reading one such piece for each frame.
const TOGETHER = 500;

/**
 * Where the positions of the bundle are in the project's files, in one line, with the names of asynchronous functions. It
 * is in pieces: `[line, first column, mappings]`. The builder's own files are marked as that. Where something in them is
 * does not matter: their frames are left out, and so is what a failing attempt would have to read for nothing.
 */
function positions(text, code, root) {
  const map = JSON.parse(text);
  const isOurs = map.sources.map((source) => path.resolve(root, source).startsWith(SDK + path.sep) || source.endsWith(ENTRY));
  const pieces = decode(map.mappings).flatMap((line, index) => {
    let inOurs;
    const kept = line.filter(([, source]) => {
      const repeats = inOurs === true && isOurs[source];
      inOurs = isOurs[source];
      return !repeats;
    });
    return piecesOf(kept.map((each) => each.slice(0, 4))).map((piece) => [index + 1, piece[0][0], encode([piece])]);
  });
  const sources = map.sources.map((source, index) => (isOurs[index] ? 'isolet:' : source));
  // A text in the text: names are not always asked for.
  return JSON.stringify({ sources, pieces, functions: JSON.stringify(namesOfGenerators(code)) });
}

function piecesOf(line) {
  return Array.from({ length: Math.ceil(line.length / TOGETHER) }, (_, index) => line.slice(index * TOGETHER, (index + 1) * TOGETHER));
}
