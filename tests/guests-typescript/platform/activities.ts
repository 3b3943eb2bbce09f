// What activities do beside Temporal's API: requests, timers, contexts, errors, and texts.

import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash, createHmac } from 'node:crypto';
import { brotliCompressSync, brotliDecompressSync, constants, createBrotliDecompress, gunzipSync, gzipSync } from 'node:zlib';

import { ApplicationFailure, cancellationSignal, heartbeat, metricMeter } from '@temporalio/activity';

export * from './deep';
export * from './kept';
export * from './plain';
export * from './refusals';
export * from './urls';
export * from './web_platform';

/** What a server answers, or why there is no answer. */
export async function ask(method: string, url: string, body?: string): Promise<unknown> {
  try {
    const response = await fetch(url, { method, body: body ?? undefined, headers: { 'x-test': 'yes' } });
    return { status: response.status, redirected: response.redirected, text: await response.text() };
  } catch (error) {
    const { name, message, cause } = error as Error;
    return { error: `${name}: ${message}`, cause: (cause as Error | undefined)?.message };
  }
}

/** Reads an answer that never ends, until it is cancelled. */
export async function download(url: string): Promise<number> {
  const response = await fetch(url, { signal: cancellationSignal() });
  let size = 0;
  for await (const piece of response.body!) {
    size += piece.length;
    heartbeat(size);
  }
  return size;
}

/** Three requests at once, each of which has its own store all the time. */
export async function contexts(): Promise<unknown> {
  const storage = new AsyncLocalStorage<number>();
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const seen = (ms: number) =>
    storage.run(ms, async () => {
      const told = [storage.getStore()];
      await pause(ms);
      told.push(storage.getStore());
      await Promise.resolve();
      told.push(storage.getStore());
      return told;
    });
  return Promise.all([30, 20, 10].map(seen));
}

/** The order in which timers, microtasks and promises come. */
export async function order(): Promise<string[]> {
  const told: string[] = [];
  const done = new Promise<void>((resolve) => setTimeout(resolve, 30));
  setTimeout(() => told.push('second timer'), 10);
  setTimeout(() => told.push('first timer'), 1);
  const cleared = setTimeout(() => told.push('cleared'), 5);
  queueMicrotask(() => told.push('microtask'));
  process.nextTick(() => told.push('tick'));
  clearTimeout(cleared);
  told.push('now');
  await done;
  return told;
}

export async function recursion(depth: number): Promise<string> {
  const down = (left: number): number => (left === 0 ? 0 : 1 + down(left - 1));
  try {
    return String(down(depth));
  } catch (error) {
    return `${error}`;
  }
}

class OrderError extends Error {
  override name = 'OrderError';
}

function lookUp(order: number): never {
  throw new OrderError(`no order ${order}`, { cause: new TypeError('not a number') });
}

export async function failing(order: number): Promise<void> {
  lookUp(order);
}

/** Half of a character, where texts go to the host. */
export async function halves(): Promise<void> {
  console.log('half \ud83d');
  throw ApplicationFailure.create({ message: 'half \ud83d', type: 'Half\ud83d', details: ['\ud83d'] });
}

export async function digests(text: string): Promise<unknown> {
  const subtle = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return {
    sha256: createHash('sha256').update(text).digest('hex'),
    same: Buffer.from(subtle).toString('hex') === createHash('sha256').update(text).digest('hex'),
    hmac: createHmac('sha1', 'key').update(text).digest('base64'),
    zipped: gunzipSync(gzipSync(text)).toString(),
  };
}

/** Bytes that Node has packed, what is packed here, and what never was. */
export async function brotli(packed: string, text: string): Promise<unknown> {
  const bytes = Buffer.from(packed, 'base64');
  const pieces: Buffer[] = [];
  const stream = createBrotliDecompress();
  for (const byte of bytes) stream.write(Buffer.of(byte));
  stream.end();
  for await (const piece of stream) pieces.push(piece);
  const quick = brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
  let wrong = 'taken';
  try {
    brotliDecompressSync(Buffer.from('garbage'));
  } catch (error) {
    wrong = `${error}`;
  }
  const small = brotliCompressSync(text).length < text.length / 4;
  return [brotliDecompressSync(bytes).toString(), Buffer.concat(pieces).toString(), brotliDecompressSync(quick).toString() === text, small, wrong];
}

/** A time in zones that the engine does not know by itself. */
export async function zones(time: number): Promise<string[]> {
  const options = { dateStyle: 'short', timeStyle: 'short' } as const;
  return ['UTC', 'Europe/Paris', 'Asia/Kolkata'].map((timeZone) =>
    new Intl.DateTimeFormat('en-US', { ...options, timeZone }).format(time),
  );
}

const builtAt = [Math.random(), Date.now(), performance.now()];

/** What must not be as it was when the component was built. */
export async function fresh(): Promise<unknown[]> {
  const [random, time] = builtAt;
  return [Math.random() !== random, Date.now() > time, performance.now() < 60_000, process.env.SHOP ?? null];
}

export async function uncaught(place: 'timer' | 'microtask' | 'tick', order: number): Promise<void> {
  if (place === 'timer') setTimeout(() => lookUp(order), 1);
  else if (place === 'microtask') queueMicrotask(() => lookUp(order));
  else process.nextTick(lookUp, order);
  await new Promise(() => {});
}

/** Rejections that nobody handles, and one that is handled late. */
export async function unhandled(): Promise<string> {
  const late = Promise.reject(new Error('handled'));
  void (async () => lookUp(8))();
  await null;
  await late.catch(() => undefined);
  return 'not told';
}

let calls = 0;

/** How often it was called in its instance. */
export async function count(): Promise<number> {
  calls += 1;
  return calls;
}

/** More instruments than an attempt may have, and one again and again. */
export async function instruments(): Promise<string> {
  for (let count = 0; count < 2000; count += 1) metricMeter.createCounter('orders').add(1);
  try {
    for (let count = 0; count < 2000; count += 1) metricMeter.createCounter(`orders_${count}`);
    return 'as many as it likes';
  } catch (error) {
    return (error as Error).message;
  }
}

export * from './files';
export * from './keys.mjs';
