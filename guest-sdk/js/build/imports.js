// What imports lead to: Node's modules to ours, Temporal's packages to the project's own or those that come along.

import { existsSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';

import { replacementOf } from '../grpc/modules.js';
import { modules } from '../node/modules.js';
import { Problem } from './events.js';

const TEMPORAL = /^@temporalio\/(activity|common|client)(\/|$)/;

const NATIVE = /\.node$/;

// The first version whose inner modules are where the adapter looks for them.
const OLDEST = [1, 24];

/** The name of the module that everything begins with. */
export const ENTRY = 'isolet:entry';

/** The module that makes the client of attempts. */
export const CLIENT = 'isolet:client';

const ASKED_BEFORE = Symbol('asked before');

/**
 * Resolves imports.
 *
 * Most are left to esbuild: to ask it for where an import leads takes it some 10 ms each. When there is something to
 * explain, it is asked for all of them, to tell how a file came to be imported.
 */
export class Imports {
  constructor(sdk, root) {
    this.sdk = sdk;
    this.root = root;
    this.importers = new Map();
    this.answers = new Map();
    /** Whether Temporal's client comes along. */
    this.withClient = false;
    /** Whether to remember who imported what. */
    this.remembers = false;
  }

  plugin() {
    return {
      name: 'isolet',
      setup: (build) => {
        build.onResolve({ filter: /.*/ }, (asked) => (asked.pluginData === ASKED_BEFORE ? undefined : this.resolve(build, asked)));
        build.onLoad({ filter: NATIVE }, ({ path: file }) => ({ errors: [{ text: `${file} is native code` }] }));
      },
    };
  }

  async resolve(build, asked) {
    const ours = this.ourModule(asked);
    if (ours) return this.remember({ path: path.join(this.sdk, ours) }, asked);
    if (!this.remembers && !TEMPORAL.test(asked.path) && !isShared(asked)) return undefined;
    for (const folder of await this.foldersFor(build, asked)) {
      const found = await this.answer(build, asked, folder);
      if (found.errors.length === 0) {
        const problem = this.problemOf(found.path, asked);
        if (problem) return { errors: [{ text: problem.message, detail: problem }] };
        const { external, sideEffects, namespace } = found;
        const resolved = this.remember({ path: found.path, external, sideEffects, namespace }, asked);
        // The answer does not tell of files that a package leaves out in browsers: only esbuild's own way does.
        return folder === asked.resolveDir ? undefined : resolved;
      }
    }
    // esbuild says so itself, and lets it be where the import is only tried.
    return undefined;
  }

  /** What esbuild says of an import in a folder; it is asked once for what many files import. */
  answer(build, { path: wanted, kind, importer }, folder) {
    const key = JSON.stringify([wanted, kind, folder]);
    if (!this.answers.has(key)) this.answers.set(key, build.resolve(wanted, { kind, importer, resolveDir: folder, pluginData: ASKED_BEFORE }));
    return this.answers.get(key);
  }

  /** What comes along for an import, by its path in the SDK. */
  ourModule({ path: wanted, importer }) {
    if (wanted === CLIENT) return this.withClient ? 'guest/client.js' : 'guest/no_client.js';
    return replacementOf(wanted, importer) ?? (isNodes(wanted) ? modules[wanted.replace(/^node:/, '')] : undefined);
  }

  /** Where an import is looked for. */
  async foldersFor(build, asked) {
    if (TEMPORAL.test(asked.path)) {
      this.folders ??= this.temporalFolders(build);
      return await this.folders;
    }
    return isShared(asked) ? [...(await besides(build, '@temporalio/proto', asked.resolveDir)), asked.resolveDir] : [asked.resolveDir];
  }

  /** Where Temporal's packages are: in the project, beside its `@temporalio/activity`, or else in what comes along. */
  async temporalFolders(build) {
    return [this.root, ...(await besides(build, '@temporalio/activity', this.root)), this.sdk];
  }

  remember(resolved, asked) {
    if (!this.importers.has(resolved.path)) this.importers.set(resolved.path, asked.importer);
    return resolved;
  }

  /** What speaks against a file that is imported. */
  problemOf(file, asked) {
    if (!NATIVE.test(file)) return TEMPORAL.test(asked.path) ? versionProblem(file) : undefined;
    this.importers.set(file, asked.importer);
    const { name } = packageOf(file);
    return new Problem(`the package ${name} has native code for this machine, which no sandbox runs: ${this.chain(file)}`, {
      cure: 'use a package in plain JavaScript instead',
    });
  }

  /** What to say where an import leads nowhere. */
  explain(error) {
    const wanted = /^Could not resolve "(.+)"$/.exec(error.text)?.[1];
    if (wanted === undefined) return undefined;
    const importer = path.resolve(this.root, error.location?.file ?? '');
    const name = wanted.replace(/^node:/, '');
    const place = error.location ? ` (${error.location.file}:${error.location.line}:${error.location.column + 1})` : '';
    if (builtinModules.includes(name)) {
      return new Problem(`Node's module '${name}' is not there in the sandbox: ${this.chain(importer)} → ${wanted}${place}`, {
        cure: `there are ${Object.keys(modules).sort().join(', ')}; docs/javascript.md says what works and what does not`,
      });
    }
    return new Problem(`there is no '${wanted}': ${this.chain(importer)} → ${wanted}${place}`, {
      cure: wanted.startsWith('.') || wanted.startsWith('/') ? '' : `install it: npm install ${wanted}`,
    });
  }

  /** How a file came to be imported, from the project's entry point on. */
  chain(file) {
    const files = [];
    for (let each = file; each && !files.includes(each); each = this.importers.get(each)) files.unshift(each);
    // The first is the builder's own.
    const shown = files.filter((each) => path.isAbsolute(each) && !each.endsWith(ENTRY)).map((each) => path.relative(this.root, each));
    return shown.join(' → ');
  }
}

/** Whether npm may install it for each of Temporal's packages by itself: it is large. */
function isShared({ path: wanted, importer }) {
  return /^protobufjs(\/|$)/.test(wanted) && /[\\/]node_modules[\\/]@temporalio[\\/]/.test(importer);
}

/** The folder of a package's entry point, if the package is there. */
async function besides(build, name, resolveDir) {
  const found = await build.resolve(name, { kind: 'import-statement', resolveDir, pluginData: ASKED_BEFORE });
  return found.errors.length === 0 ? [path.dirname(found.path)] : [];
}

function isNodes(name) {
  return name.startsWith('node:') || builtinModules.includes(name);
}

function versionProblem(file) {
  const { name, version } = packageOf(file);
  const [major, minor] = String(version).split('.').map(Number);
  if (major === OLDEST[0] && minor >= OLDEST[1]) return undefined;
  return new Problem(`the project has ${name} ${version}, and activities in the sandbox need ${OLDEST.join('.')} or a later ${OLDEST[0]}.x`, {
    cure: `npm install ${name}@^${OLDEST.join('.')}.0`,
  });
}

function packageOf(file) {
  for (let folder = path.dirname(file); folder !== path.dirname(folder); folder = path.dirname(folder)) {
    const manifest = path.join(folder, 'package.json');
    if (!existsSync(manifest)) continue;
    const { name, version } = JSON.parse(readFileSync(manifest, 'utf8'));
    if (name) return { name, version };
  }
  return { name: file, version: '' };
}
