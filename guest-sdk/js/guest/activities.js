// Which functions of a project are activities: those that `Worker.create({ activities })` would take.

import { host } from '../platform/host.js';
import { ProjectError } from './stacks.js';

/**
 * The activities by name: every function that is exported, and the functions of every exported object that has nothing
 * else in it, as a `createActivities()` returns. `default` takes what no other takes, as for Temporal's worker.
 */
export function collect(exported) {
  const found = new Map();
  const add = (name, activity, from, self) => {
    // What CommonJS exports is exported once more, as `default`.
    if (found.has(name) && found.get(name).activity !== activity) {
      throw new ProjectError(`two activities have the name '${name}': ${found.get(name).from} and ${from}`);
    }
    found.set(name, { activity, from, self });
  };
  const left = [];
  for (const [name, value] of Object.entries(exported)) {
    if (isActivity(value)) {
      add(name, value, `the export '${name}'`);
    } else if (isGroup(value)) {
      for (const [key, each] of Object.entries(value)) add(key, each, `'${key}' of the export '${name}'`, value);
    } else if (value !== null && typeof value === 'object' && mayHaveActivities(value)) {
      left.push(name);
    }
  }
  if (found.size === 0) throw new ProjectError(nothingFound(exported));
  warn(found, left);
  return new Map([...found].map(([name, { activity, self }]) => [name, self ? activity.bind(self) : activity]));
}

/** What may not be meant as it is: told when the component is built. */
function warn(found, left) {
  const tell = (text) => host.printError(`isolet-warning: ${text}\n`);
  for (const name of left) {
    tell(`the export '${name}' has functions that are no activities: export them one by one, or in an object that has nothing else`);
  }
  const [only] = found.keys();
  if (found.size === 1 && /^(create|make|build|get|new)[A-Z]\w*Activities$|^createActivities$/.test(only)) {
    tell(`the only activity is '${only}', which looks as if it made activities: export what it returns`);
  }
}

/** Whether an object is an instance of the project's with methods, or has functions beside something else. */
function mayHaveActivities(value) {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return Object.values(value).some(isActivity);
  return prototype !== null && /^class\b/.test(Function.prototype.toString.call(prototype.constructor)) && Object.getOwnPropertyNames(prototype).length > 1;
}

function isActivity(value) {
  // A class is a function, too, but none that can be called.
  return typeof value === 'function' && !/^class\b/.test(Function.prototype.toString.call(value));
}

function isGroup(value) {
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return false;
  const values = Object.values(value);
  return values.length > 0 && values.every(isActivity);
}

function nothingFound(exported) {
  // CommonJS has a `default` of its own.
  const names = Object.keys(exported).filter((name) => name !== 'default' || Object.keys(exported.default ?? {}).length > 0);
  const there = names.length === 0 ? 'nothing is exported' : `what is exported is no function: ${names.slice(0, 20).join(', ')}`;
  return `there are no activities: ${there}`;
}
