// Metrics of an activity's own.

import { metricMeter } from '@temporalio/activity';

export async function measure_series(name: string, series: number): Promise<number> {
  const counter = metricMeter.createCounter(name);
  for (let number = 0; number < series; number += 1) counter.add(1, { number });
  return series;
}
