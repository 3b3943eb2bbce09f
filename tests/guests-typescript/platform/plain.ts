// What benchmarks measure, in a component without Temporal's client.

import { sleep } from '@temporalio/activity';

export async function greet(name: string): Promise<string> {
  return `Hello, ${name}!`;
}

/** Waits until it is killed. */
export async function park(): Promise<void> {
  for (;;) await sleep('1 day');
}
