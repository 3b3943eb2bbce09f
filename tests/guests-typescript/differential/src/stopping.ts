// Being told to stop.

import {
  activityInfo,
  ApplicationFailure,
  cancellationDetails,
  cancellationSignal,
  cancelled,
  CancelledFailure,
  CompleteAsyncError,
  Context,
  heartbeat,
  log,
  sleep,
} from '@temporalio/activity';

const BEAT = 50;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Says that it waits, and beats until its signal tells of the cancellation. */
function waits(): () => void {
  log.info('waiting');
  heartbeat('waiting');
  const beating = setInterval(() => heartbeat('waiting'), BEAT);
  return () => clearInterval(beating);
}

/** The failure that ends `work`, or what it comes to. */
async function interrupted(work: () => Promise<unknown>): Promise<unknown> {
  const stop = waits();
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CancelledFailure)) throw error;
    return error;
  } finally {
    stop();
  }
}

function told(error: unknown): unknown {
  const { name, message, details } = error as CancelledFailure;
  const { cancelRequested, timedOut, paused, reset, notFound, workerShutdown } = cancellationDetails() ?? {};
  return { name, message, details, is: error instanceof CancelledFailure, told: { cancelRequested, timedOut, paused, reset, notFound, workerShutdown } };
}

const WAITS: Record<string, () => Promise<unknown>> = {
  cancelled: () => cancelled(),
  sleep: () => sleep('1 minute'),
  'sleep of the context': () => Context.current().sleep(60_000),
  'a race': () => Promise.race([cancelled(), pause(60_000)]),
  all: () => Promise.all([sleep(60_000), sleep(70_000)]),
  'any': async () => {
    try {
      return await Promise.any([sleep(60_000), sleep(70_000)]);
    } catch (error) {
      throw (error as AggregateError).errors[1];
    }
  },
};

export async function lets_it_out(kind: string): Promise<unknown> {
  const stop = waits();
  try {
    return await WAITS[kind]();
  } finally {
    stop();
  }
}

export async function catches_it(kind: string): Promise<unknown> {
  return told(await interrupted(WAITS[kind]));
}

export async function sees_its_signal(): Promise<unknown> {
  const stop = waits();
  const signal = cancellationSignal();
  const seen: string[] = [`${signal.aborted}`];
  await new Promise<void>((resolve) => {
    signal.onabort = (event) => seen.push(`handler ${event.type}`);
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  stop();
  seen.push(`${signal.aborted}`, String(signal.reason), `${signal === Context.current().cancellationSignal}`);
  try {
    signal.throwIfAborted();
  } catch (error) {
    seen.push(`thrown ${error === signal.reason}`);
  }
  return seen;
}

export async function throws_an_abort_error(): Promise<unknown> {
  await interrupted(() => cancelled());
  throw new DOMException('aborted by itself', 'AbortError');
}

export async function throws_its_own_abort_error(): Promise<unknown> {
  await interrupted(() => cancelled());
  throw Object.assign(new Error('aborted by itself'), { name: 'AbortError' });
}

export async function throws_the_reason(): Promise<unknown> {
  await interrupted(() => cancelled());
  throw cancellationSignal().reason;
}

export async function throws_another_cancellation(): Promise<unknown> {
  await interrupted(() => cancelled());
  throw new CancelledFailure('in its own words', ['detail', { a: 1 }], new Error('inner'));
}

export async function throws_a_failure(): Promise<unknown> {
  await interrupted(() => cancelled());
  throw ApplicationFailure.nonRetryable('stopped halfway', 'Halfway', 1);
}

export async function wraps_it(): Promise<unknown> {
  const error = await interrupted(() => cancelled());
  throw new Error('wrapped', { cause: error });
}

export async function wraps_it_in_a_failure(): Promise<unknown> {
  const error = await interrupted(() => cancelled());
  throw ApplicationFailure.create({ message: 'wrapped', type: 'Wrapped', cause: error as Error });
}

export async function cleans_up_after_it(): Promise<unknown> {
  const stop = waits();
  try {
    await sleep('1 minute');
    return 'not interrupted';
  } finally {
    stop();
    await pause(20);
    log.info('cleaned up', { aborted: cancellationSignal().aborted });
  }
}

export async function returns_in_its_cleanup(): Promise<unknown> {
  const stop = waits();
  try {
    await sleep('1 minute');
  } finally {
    stop();
    return 'from the cleanup';
  }
}

export async function goes_on_after_it(): Promise<unknown> {
  const error = await interrupted(() => cancelled());
  await pause(10);
  const again: unknown[] = [];
  for (const kind of ['cancelled', 'sleep']) {
    try {
      again.push(await WAITS[kind]());
    } catch (each) {
      again.push(each === error);
    }
  }
  heartbeat('after it');
  return again;
}

/** What runs without looking at the cancellation runs to its end. */
export async function is_not_interrupted(): Promise<unknown> {
  const stop = waits();
  while (!cancellationSignal().aborted) await pause(10);
  stop();
  const work = pause(30).then(() => 'done');
  return [await work, cancellationSignal().aborted];
}

export async function fetches_until_then(): Promise<unknown> {
  const stop = waits();
  const body = new ReadableStream({ start() {} });
  const reader = body.getReader();
  cancellationSignal().addEventListener('abort', () => void reader.cancel('no more'));
  const read = await reader.read();
  stop();
  return read;
}

export async function joins_signals(): Promise<unknown> {
  const stop = waits();
  const own = new AbortController();
  const signal = AbortSignal.any([cancellationSignal(), own.signal, AbortSignal.timeout(60_000)]);
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  stop();
  return [signal.aborted, signal.reason === cancellationSignal().reason, own.signal.aborted];
}

export async function completes_elsewhere_after_it(): Promise<unknown> {
  await interrupted(() => cancelled());
  throw new CompleteAsyncError();
}

export async function throws_before_it_is_awaited(): Promise<unknown> {
  const later = sleep(60_000).catch((error) => told(error));
  await interrupted(() => cancelled());
  return await later;
}

export async function waits_too_long(): Promise<unknown> {
  if (activityInfo().attempt > 1) return activityInfo().attempt;
  return await cancelled();
}

/** Without a heartbeat nobody is told of anything. */
export async function never_beats(): Promise<unknown> {
  log.info('waiting');
  await sleep(1_500);
  return cancellationSignal().aborted;
}

export async function waits_for_the_shutdown(): Promise<unknown> {
  log.info('waiting');
  try {
    await cancelled();
  } catch (error) {
    return told(error);
  }
  return 'not interrupted';
}

export async function lets_the_shutdown_out(): Promise<unknown> {
  log.info('waiting');
  return await cancelled();
}
