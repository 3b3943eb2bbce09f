// Being told to stop.

import {
  activityInfo,
  ApplicationFailure,
  cancellationDetails,
  cancellationSignal,
  cancelled,
  CancelledFailure,
  heartbeat,
  log,
  sleep,
} from '@temporalio/activity';

import { pause } from './heartbeats';

export const BEAT = 100;

export function reasons(): string {
  const details = cancellationDetails();
  if (details === undefined) return 'none';
  const { notFound, cancelRequested, paused, reset, timedOut, workerShutdown } = details;
  const told = { not_found: notFound, cancel_requested: cancelRequested, paused, reset, timed_out: timedOut, worker_shutdown: workerShutdown };
  return Object.entries(told).filter(([, holds]) => holds).map(([name]) => name).join(',');
}

/** Beats until a cancellation is thrown. */
async function beat(): Promise<never> {
  for (;;) {
    heartbeat('waiting');
    await sleep(BEAT);
  }
}

async function caughtWhile(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof CancelledFailure)) throw error;
  }
}

function caught(): string {
  const text = `caught: ${reasons()}`;
  log.info(text);
  return text;
}

export async function wait_cancel_caught(): Promise<string> {
  await caughtWhile(beat);
  return caught();
}

export async function wait_cancel_uncaught(): Promise<void> {
  await beat();
}

export async function wait_cancel_first_attempt(): Promise<unknown> {
  const { attempt, startToCloseTimeoutMs } = activityInfo();
  if (attempt > 1) return [attempt, startToCloseTimeoutMs / 1000];
  return await beat();
}

export async function wait_cancel_ignored(): Promise<string> {
  while (!cancellationSignal().aborted) {
    heartbeat('waiting');
    await pause(BEAT);
  }
  await pause(BEAT);
  heartbeat('ignoring');
  await pause(BEAT);
  return `ignored: ${cancellationSignal().aborted}`;
}

export async function wait_cancel_swallowed(): Promise<string> {
  await caughtWhile(beat);
  heartbeat('working on');
  await pause(BEAT);
  return `swallowed: ${cancellationSignal().aborted}`;
}

export async function wait_cancel_then_fail(): Promise<void> {
  await caughtWhile(beat);
  throw ApplicationFailure.create({ message: 'stopped halfway', type: 'Halfway' });
}

export async function wait_cancel_polling(): Promise<void> {
  for (;;) {
    heartbeat('polling');
    await sleep(0);
  }
}

export async function wait_cancel_silent(): Promise<string> {
  await caughtWhile(cancelled);
  return caught();
}

export async function wait_cancel_async(): Promise<boolean> {
  heartbeat('waiting');
  await caughtWhile(cancelled);
  return cancellationSignal().aborted;
}
