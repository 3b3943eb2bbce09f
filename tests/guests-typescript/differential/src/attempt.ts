// What an attempt knows of itself, says and measures.

import { AsyncLocalStorage } from 'node:async_hooks';

import { activityInfo, asyncLocalStorage, cancellationDetails, cancellationSignal, Context, log, metricMeter, sleep } from '@temporalio/activity';

export async function info(): Promise<unknown> {
  const { taskToken, base64TaskToken, scheduledTimestampMs, currentAttemptScheduledTimestampMs, ...rest } = activityInfo();
  const all = Context.current().info;
  return {
    ...rest,
    keys: Object.keys(all).sort(),
    undefinedOnes: Object.entries(all).filter(([, value]) => value === undefined).map(([key]) => key).sort(),
    times: [scheduledTimestampMs, currentAttemptScheduledTimestampMs].map((time) => typeof time === 'number' && Math.abs(Date.now() - time) < 600_000),
    tokens: [taskToken instanceof Uint8Array, typeof base64TaskToken],
    same: all === Context.current().info,
  };
}

export async function context(): Promise<unknown> {
  const current = Context.current();
  return {
    same: current === Context.current() && current === asyncLocalStorage.getStore(),
    isContext: current instanceof Context,
    aborted: cancellationSignal().aborted,
    signal: Object.prototype.toString.call(current.cancellationSignal),
    cancelled: current.cancelled instanceof Promise,
    details: cancellationDetails() ?? null,
    functions: ['heartbeat', 'sleep'].map((name) => typeof (current as any)[name]),
    log: Object.keys(Object.getOwnPropertyDescriptors(log)).sort(),
  };
}

export async function context_everywhere(): Promise<unknown> {
  const here = () => asyncLocalStorage.getStore()?.info.activityType ?? 'nowhere';
  const seen: Record<string, string> = { now: here() };
  await null;
  seen.await = here();
  await sleep(1);
  seen.sleep = here();
  await new Promise<void>((resolve) =>
    setTimeout(() => {
      seen.timer = here();
      resolve();
    }, 1),
  );
  await new Promise<void>((resolve) =>
    queueMicrotask(() => {
      seen.microtask = here();
      resolve();
    }),
  );
  await new Promise<void>((resolve) =>
    process.nextTick(() => {
      seen.tick = here();
      resolve();
    }),
  );
  await { then: (resolve: () => void) => ((seen.thenable = here()), resolve()) };
  for await (const _ of (async function* () {
    yield 1;
  })()) {
    seen.iteration = here();
  }
  seen.outside = asyncLocalStorage.exit(here);
  return seen;
}

export async function own_storage(): Promise<unknown> {
  const storage = new AsyncLocalStorage<number>();
  const later = async (ms: number) => {
    const before = storage.getStore();
    await sleep(ms);
    return [before, storage.getStore(), activityInfo().activityType];
  };
  const all = [1, 2, 3].map((number) => storage.run(number, () => later(4 - number)));
  return [await Promise.all(all), storage.getStore() ?? null, storage.run(7, () => storage.exit(() => storage.getStore() ?? null))];
}

export async function says_at_every_level(): Promise<void> {
  log.trace('a trace');
  log.debug('for debugging');
  log.info('an information');
  log.warn('a warning');
  log.error('an error');
  log.log('INFO', 'by its level');
  log.log('WARN', 'by its level, with a field', { a: 1 });
}

export async function says_with_fields(): Promise<void> {
  log.info('plain', { text: 'ü', number: 1.5, flag: true, nothing: null, list: [1, [2]], object: { a: { b: 1 } } });
  log.info('none', {});
  log.info('undefined', undefined);
  log.info('odd', { missing: undefined, date: new Date(0), nan: NaN, big: 12n, symbol: Symbol('s') });
  log.info('within', { list: [undefined, 1n, Symbol('s')], map: new Map([[1, 2]]), bytes: new Uint8Array([1]), url: new URL('http://a/') });
  log.info('with keys', { 'a key': 1, 'ü': 2, '': 3, 7: 4, [Symbol('hidden')]: 5 } as Record<string, unknown>);
  log.info('with JSON', { own: { toJSON: () => 'by itself' }, throwing: { toJSON: () => { throw new Error('no'); } } });
}

export async function says_with_errors(): Promise<void> {
  const error = new TypeError('inner');
  log.error('an error', { error });
  log.error('one within', { list: [error], object: { error } });
  log.error('none', { error: 'only a text' });
}

export async function says_what_is_circular(): Promise<void> {
  const circle: Record<string, unknown> = { a: 1 };
  circle.circle = circle;
  log.info('a circle', { circle });
  log.info('after it');
}

export async function says_odd_messages(): Promise<void> {
  const messages: unknown[] = ['', 'first\nsecond', '\u{1f600}', '%s %d', '{}', 7, null, undefined, true];
  for (const message of messages) log.info(message as string, { a: 1 });
}

export async function says_by_its_context(): Promise<void> {
  const { log: logger } = Context.current();
  logger.info('by the context');
  const { warn } = { warn: logger.warn.bind(logger) };
  warn('bound', { a: 1 });
  setTimeout(() => log.info('in a timer'), 0);
  await sleep(5);
  await Promise.all([1, 2].map(async (number) => {
    await sleep(number);
    log.info(`task ${number}`);
  }));
}

export async function says_then_throws(attempts: number): Promise<number> {
  const { attempt } = activityInfo();
  log.info(`attempt ${attempt}`, { attempts });
  if (attempt < attempts) throw new Error(`attempt ${attempt}`);
  return attempt;
}

export async function measures(): Promise<unknown> {
  const counter = metricMeter.createCounter('diff_counter', 'pieces', 'What was counted');
  counter.add(1);
  counter.add(2, { kind: 'a', number: 7, flag: true });
  metricMeter.createHistogram('diff_histogram', 'int', 'ms', 'How long it took').record(12, { kind: 'b' });
  metricMeter.createHistogram('diff_float_histogram', 'float').record(0.25);
  metricMeter.createGauge('diff_gauge', 'int').set(5);
  metricMeter.createGauge('diff_float_gauge', 'float').set(2.5, { kind: 'c' });
  const tagged = metricMeter.withTags({ region: 'eu' });
  tagged.createCounter('diff_tagged').add(1, { kind: 'd' });
  counter.withTags({ more: 'x' }).add(4, { kind: 'e' });
  const { name, unit, description, kind, valueType } = counter;
  return { name, unit, description, kind, valueType };
}

export async function measures_wrongly(): Promise<string[]> {
  const attempts: (() => void)[] = [
    () => metricMeter.createCounter('diff_wrong').add(-1),
    () => metricMeter.createCounter('diff_wrong').add(1.5),
    () => metricMeter.createCounter('diff_wrong').add('1' as any),
    () => metricMeter.createHistogram('diff_wrong_histogram').record(1.5),
    () => metricMeter.createHistogram('diff_wrong_floats', 'float').record(-0.5),
    () => metricMeter.createGauge('diff_wrong_gauge').set(-1),
    () => metricMeter.createGauge('diff_wrong_gauge').set(NaN),
  ];
  return attempts.map((attempt) => {
    try {
      attempt();
      return 'no error';
    } catch (error) {
      return error instanceof TypeError ? error.name : String(error);
    }
  });
}
