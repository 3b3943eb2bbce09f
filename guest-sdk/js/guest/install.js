// Hands the project's activities over to the runtime. The bundle ends with a call of `install`, which the builder writes.

import { collect } from './activities.js';
import { converterOf } from './converter.js';
import { execute } from './attempt.js';

/**
 * @param project the exports of the entry point by module, and what else of the project has a say: its converters and
 *   interceptors
 */
export function install(project) {
  const activities = collect(project.exports);
  const dataConverter = converterOf(project);
  const interceptors = project.interceptors ?? [];
  const { clientOf } = project;
  globalThis.__isolet_handler = {
    names: () => [...activities.keys()].map((name) => (name === 'default' ? {} : { name })),
    execute: (activityType, input) => execute({ activities, dataConverter, interceptors, clientOf }, activityType, input),
  };
}
