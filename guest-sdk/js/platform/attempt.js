// The start of an attempt. The bundle ran when the component was built, on another machine at another time; what it
// could learn there about clocks and the environment is not true here.

import { setBegun } from './begun.js';
import { resetContext } from './context.js';
import { resetEnvironment } from './environment.js';
import { resetPerformance } from './performance.js';
import { stopAll } from './timers.js';

/** Makes clocks, timers and the environment those of this attempt. Called once, before any code of the project. */
export function begin() {
  setBegun();
  stopAll();
  resetContext();
  resetPerformance();
  resetEnvironment();
}
