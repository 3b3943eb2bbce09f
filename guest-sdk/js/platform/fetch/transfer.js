// The bodies of an exchange: sending one, and reading the answer as a stream.

import { acceptedBy, decodeWhole, decoders } from '../compression.js';
import { ReadableStream, TransformStream, join } from '../streams.js';

export { acceptedBy };

// How much is handed over at once.
const PIECE = 65536;

/** Sends bytes or a stream piece by piece, and gives the exchange up if the stream fails. */
export async function send(exchange, { bytes, stream }) {
  try {
    for await (const piece of bytes ? piecesOf(bytes) : stream) {
      if (!(piece instanceof Uint8Array)) throw new TypeError('Received non-Uint8Array chunk');
      for (const part of piecesOf(piece)) await exchange.send(part);
    }
    exchange.endBody();
  } catch (error) {
    exchange.abandon(error);
  }
}

function* piecesOf(bytes) {
  for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE);
}

/** The answer's body: to `open` as a stream that reads when it is read, or to `collect` at once, which is quicker. */
export function bodyOf(exchange, headers, signal) {
  const encodings = headers.get('content-encoding') ?? '';
  return {
    open() {
      const isLive = /^text\/event-stream|ndjson|jsonl|json-seq/i.test(headers.get('content-type') ?? '');
      const steps = decoders(encodings, isLive);
      return steps.reduce((stream, step) => stream.pipeThrough(new TransformStream(step)), answerOf(exchange, signal));
    },
    async collect() {
      return decodeWhole(encodings, await collect(exchange, signal));
    },
  };
}

async function collect(exchange, signal) {
  signal?.throwIfAborted?.();
  const stop = onAbort(signal, (reason) => exchange.abandon(reason));
  try {
    const pieces = [];
    for (;;) {
      const piece = await exchange.read();
      if (!piece) return join(pieces);
      pieces.push(piece);
    }
  } catch (cause) {
    throw signal?.aborted ? signal.reason : new TypeError('terminated', { cause });
  } finally {
    stop();
  }
}

function answerOf(exchange, signal) {
  let stop;
  return new ReadableStream(
    {
      type: 'bytes',
      start(controller) {
        stop = onAbort(signal, (reason) => {
          exchange.abandon(reason);
          controller.error(reason);
        });
      },
      async pull(controller) {
        try {
          const piece = await exchange.read();
          if (piece) {
            controller.enqueue(piece);
            return;
          }
          stop();
          controller.close();
          controller.byobRequest?.respond(0);
        } catch (cause) {
          stop();
          throw signal?.aborted ? signal.reason : new TypeError('terminated', { cause });
        }
      },
      cancel(reason) {
        stop();
        exchange.abandon(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/** Calls back when the signal is aborted, now if it is; returns what stops that. */
export function onAbort(signal, work) {
  if (!signal) return () => {};
  const listener = () => work(signal.reason);
  if (signal.aborted) listener();
  else signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}
