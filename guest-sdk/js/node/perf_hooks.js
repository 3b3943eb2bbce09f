// node:perf_hooks.

import { performance } from '../platform/performance.js';

export { performance };

export const { Performance, PerformanceEntry, PerformanceMark, PerformanceMeasure } = globalThis;
export const createHistogram = () => ({ record() {}, percentile: () => 0 });

// Nothing is recorded that could be observed.
export class PerformanceObserver {
  observe() {}

  disconnect() {}
}

export const monitorEventLoopDelay = () => ({ enable: () => true, disable: () => true, min: 0, max: 0, mean: 0, percentile: () => 0 });
export const constants = {};

export default { PerformanceEntry, PerformanceMark, PerformanceMeasure, PerformanceObserver, constants, monitorEventLoopDelay, performance };
