// Node's streams as the web's, and the other way round.

import { ReadableStream, WritableStream } from '../platform/streams.js';

export function readableToWeb(readable) {
  const iterator = readable[Symbol.asyncIterator]();
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : value);
      },
      cancel(reason) {
        readable.destroy(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

export async function* chunksOf(readable) {
  for await (const chunk of readable) yield chunk;
}

const settle = (work) =>
  new Promise((resolve, reject) => {
    work((error) => (error ? reject(error) : resolve()));
  });

export function writableToWeb(writable) {
  return new WritableStream({
    write: (chunk) => settle((done) => writable.write(chunk, done)),
    close: () => settle((done) => writable.end(done)),
    abort: (reason) => {
      writable.destroy(reason);
    },
  });
}

export function writableFromWeb(Writable, writable, options) {
  const writer = writable.getWriter();
  const finish = (promise, done) => promise.then(() => done(), done);
  return new Writable({
    ...options,
    write: (chunk, encoding, done) => finish(writer.write(chunk), done),
    final: (done) => finish(writer.close(), done),
    destroy: (error, done) => {
      if (error) writer.abort(error).then(() => done(error), () => done(error));
      else done();
    },
  });
}
