// Which functions of a project are activities: those that `Worker.create({ activities })` would take.

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
  for (const [name, value] of Object.entries(exported)) {
    if (isActivity(value)) {
      add(name, value, `the export '${name}'`);
    } else if (isGroup(value)) {
      for (const [key, each] of Object.entries(value)) add(key, each, `'${key}' of the export '${name}'`, value);
    }
  }
  if (found.size === 0) throw new ProjectError(nothingFound(exported));
  return new Map([...found].map(([name, { activity, self }]) => [name, self ? activity.bind(self) : activity]));
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
  const names = Object.keys(exported);
  const there = names.length === 0 ? 'nothing is exported' : `what is exported is no function: ${names.slice(0, 20).join(', ')}`;
  return `there are no activities: ${there}`;
}
