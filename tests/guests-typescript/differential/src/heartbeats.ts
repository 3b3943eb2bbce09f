// Heartbeats, and what the next attempt is given of them.

import { activityInfo, CancelledFailure, cancellationDetails, cancellationSignal, cancelled, Context, heartbeat, sleep } from '@temporalio/activity';

const DETAILS: Record<string, () => unknown> = {
  nothing: () => undefined,
  null: () => null,
  number: () => 7,
  text: () => 'grüße \u{1f600}',
  'half a character': () => '\ud83d',
  object: () => ({ done: [1, 2], at: new Date(0), skipped: undefined }),
  list: () => [1, 'two', null],
  bytes: () => new Uint8Array([0, 255]),
  large: () => 'x'.repeat(100_000),
};

function given(): unknown {
  const { attempt, heartbeatDetails } = activityInfo();
  const kind = Object.prototype.toString.call(heartbeatDetails);
  return { attempt, kind, details: heartbeatDetails instanceof Uint8Array ? [...heartbeatDetails] : heartbeatDetails };
}

export async function beats_then_throws(kind: string): Promise<unknown> {
  if (activityInfo().attempt > 1) return given();
  heartbeat(DETAILS[kind]());
  await sleep(5);
  throw new Error('after a heartbeat');
}

/** The last one counts. */
export async function beats_often_then_throws(times: number): Promise<unknown> {
  if (activityInfo().attempt > 1) return given();
  for (let number = 1; number <= times; number += 1) heartbeat({ number });
  throw new Error('after heartbeats');
}

export async function beats_without_details(): Promise<unknown> {
  if (activityInfo().attempt > 1) return given();
  heartbeat();
  throw new Error('after a heartbeat');
}

export async function beats_by_its_context(): Promise<unknown> {
  if (activityInfo().attempt > 1) return given();
  const { heartbeat: beat } = Context.current();
  beat('by the context');
  throw new Error('after a heartbeat');
}

/** Changed later: what it was is what counts. */
export async function beats_with_what_changes(): Promise<unknown> {
  if (activityInfo().attempt > 1) return given();
  const progress = { done: 1 };
  heartbeat(progress);
  await sleep(5);
  progress.done = 2;
  throw new Error('after a heartbeat');
}

export async function beats_in_callbacks(): Promise<unknown> {
  if (activityInfo().attempt > 1) return given();
  await Promise.all([1, 2, 3].map(async (number) => {
    await sleep(number);
    heartbeat(number);
  }));
  await new Promise<void>((resolve) => {
    setTimeout(() => {
      Context.current().heartbeat('in a timer');
      resolve();
    }, 5);
  });
  throw new Error('after heartbeats');
}

export async function beats_over_attempts(attempts: number): Promise<unknown> {
  const { attempt, heartbeatDetails } = activityInfo();
  const seen = [...((heartbeatDetails as number[] | undefined) ?? []), attempt];
  if (attempt === attempts) return seen;
  heartbeat(seen);
  throw new Error(`attempt ${attempt}`);
}

/** Those of the first attempt, where the second has none of its own. */
export async function beats_in_the_first_alone(): Promise<unknown> {
  if (activityInfo().attempt > 2) return given();
  if (activityInfo().attempt === 1) heartbeat('of the first');
  throw new Error(`attempt ${activityInfo().attempt}`);
}

export async function beats_then_hangs(details: unknown): Promise<unknown> {
  if (activityInfo().attempt > 1) return given();
  heartbeat(details);
  return await cancelled();
}

export async function beats_what_can_not_be_encoded(): Promise<unknown> {
  heartbeat(1n);
  await sleep('1 minute');
  return 'not interrupted';
}

export async function beats_what_can_not_be_encoded_and_catches(): Promise<unknown> {
  heartbeat(12n);
  try {
    await cancelled();
  } catch (error) {
    const { name, message } = error as CancelledFailure;
    return { name, message, aborted: cancellationSignal().aborted, details: cancellationDetails() ?? null };
  }
  return 'not interrupted';
}

export async function beats_what_can_not_be_encoded_and_throws(): Promise<unknown> {
  heartbeat(1n);
  try {
    await cancelled();
  } catch {
    throw new RangeError('something else');
  }
  return 'not interrupted';
}
