// Progress over attempts.

import { activityInfo, CancelledFailure, cancellationSignal, heartbeat, sleep } from '@temporalio/activity';

import { reasons } from './cancellation';

function resumed() {
  const { attempt, heartbeatDetails } = activityInfo();
  return { attempt, details: heartbeatDetails ?? null };
}

/** Waits whatever happens. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export async function heartbeat_then_fail(count: number, pauseMs?: number | null): Promise<unknown> {
  if (activityInfo().attempt > 1) return resumed();
  for (let number = 1; number <= count; number += 1) {
    heartbeat(number);
    if (pauseMs) await pause(pauseMs);
  }
  throw new Error('first attempt');
}

export async function heartbeat_then_hang(count: number): Promise<unknown> {
  if (activityInfo().attempt > 1) return resumed();
  for (let number = 1; number <= count; number += 1) heartbeat(number);
  for (;;);
}

export async function heartbeat_unencodable(): Promise<void> {
  heartbeat(1n);
  await sleep('1 minute');
}

export async function heartbeat_unencodable_returned(): Promise<string> {
  heartbeat(1n);
  return 'returned';
}

export async function heartbeat_unencodable_caught(): Promise<string> {
  let interrupted = false;
  try {
    heartbeat(1n);
    await sleep('1 minute');
  } catch (error) {
    interrupted = error instanceof CancelledFailure;
  }
  // There are details, of which none holds.
  const details = reasons() === '' ? 'none' : 'some';
  return `interrupted: ${interrupted}, cancelled: ${cancellationSignal().aborted}, details: ${details}`;
}

export async function sleep_with_heartbeats(totalMs: number, everyMs: number): Promise<number> {
  const steps = Math.floor(totalMs / Math.max(everyMs, 1));
  for (let step = 1; step <= steps; step += 1) {
    await pause(everyMs);
    heartbeat(step);
  }
  return steps;
}
