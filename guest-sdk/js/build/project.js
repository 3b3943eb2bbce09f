// Where a project's activities are, and that what it depends on is installed.

import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

import { install } from './install.js';
import { Problem } from './events.js';

const SUFFIXES = ['ts', 'tsx', 'mts', 'cts', 'js', 'jsx', 'mjs', 'cjs'];
const USUAL = ['activities', 'src/activities', 'activities/index', 'src/activities/index'];

/**
 * The project at a path: a file with activities, or a folder with one.
 *
 * @returns its folder, the entry point, its `package.json`, and the modules with its own converters and interceptors
 */
export async function findProject(given) {
  if (!existsSync(given)) throw new Problem(`there is no ${given}`);
  const isFile = statSync(given).isFile();
  const root = isFile ? nearestPackage(path.dirname(given)) : given;
  const manifest = readManifest(root);
  const settings = settingsOf(manifest, root);
  const entry = isFile ? given : findEntry(root, manifest, settings);
  await install(root, manifest);
  return {
    root,
    entry,
    shownEntry: path.relative(root, entry),
    manifest,
    modules: {
      payloadConverter: settings.payloadConverterPath && fileOf(root, settings.payloadConverterPath, 'payloadConverterPath'),
      failureConverter: settings.failureConverterPath && fileOf(root, settings.failureConverterPath, 'failureConverterPath'),
      interceptors: settings.interceptors && fileOf(root, settings.interceptors, 'interceptors'),
    },
  };
}

function nearestPackage(folder) {
  for (let each = folder; ; each = path.dirname(each)) {
    if (existsSync(path.join(each, 'package.json'))) return each;
    if (each === path.dirname(each)) return folder;
  }
}

function readManifest(root) {
  const file = path.join(root, 'package.json');
  if (!existsSync(file)) return {};
  let manifest;
  try {
    manifest = JSON.parse(readFileSync(file, 'utf8').replace(/^\ufeff/, ''));
  } catch (error) {
    throw new Problem(error.code ? `${file} can't be read: ${error.message}` : `${file} is no JSON: ${error.message}`);
  }
  if (!isObject(manifest)) throw new Problem(`${file} has no object`);
  return manifest;
}

function isObject(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

const SETTINGS = ['activities', 'payloadConverterPath', 'failureConverterPath', 'interceptors'];

function settingsOf(manifest, root) {
  const settings = manifest.isolet ?? {};
  if (!isObject(settings)) throw new Problem(`${path.join(root, 'package.json')}: "isolet" is no object`);
  for (const [key, value] of Object.entries(settings)) {
    const file = path.join(root, 'package.json');
    if (!SETTINGS.includes(key)) {
      throw new Problem(`${file}: there is no setting '${key}' in "isolet"`, { cure: `there are ${SETTINGS.join(', ')}` });
    }
    if (typeof value !== 'string') throw new Problem(`${file}: '${key}' in "isolet" is the path of a module, as a text`);
  }
  return settings;
}

function findEntry(root, manifest, settings) {
  if (settings.activities) return fileOf(root, settings.activities, 'activities');
  const usual = USUAL.flatMap((name) => SUFFIXES.map((suffix) => path.join(root, `${name}.${suffix}`)));
  const mains = [manifest.module, manifest.main].filter((each) => typeof each === 'string').map((each) => path.join(root, each));
  const found = [...usual, ...mains].find((each) => existsSync(each) && statSync(each).isFile());
  if (found) return found;
  throw new Problem(`there are no activities in ${root}: it has no activities.ts, src/activities.ts, nor such a .js`, {
    cure: 'name the module that exports them in package.json: "isolet": { "activities": "src/some-file.ts" }',
  });
}

function fileOf(root, named, setting) {
  const file = path.resolve(root, named);
  const candidates = [file, ...SUFFIXES.map((suffix) => `${file}.${suffix}`)];
  const found = candidates.find((each) => existsSync(each) && statSync(each).isFile());
  if (found) return found;
  throw new Problem(`there is no ${file}, which '${setting}' of "isolet" in package.json names`);
}
