// `on` of node:events: the events of an emitter, to iterate over.

export class AbortError extends Error {
  constructor(cause) {
    super('The operation was aborted', { cause });
    this.name = 'AbortError';
    this.code = 'ABORT_ERR';
  }
}

export function on(emitter, name, { signal, close = [] } = {}) {
  const events = [];
  const waiting = [];
  let failure;
  let ended = false;

  const arrive = (...args) => {
    if (waiting.length > 0) waiting.shift().resolve({ done: false, value: args });
    else events.push(args);
  };
  const fail = (error) => {
    if (waiting.length > 0) waiting.shift().reject(error);
    else failure = error;
    finish();
  };
  const abort = () => fail(new AbortError(signal.reason));
  const finish = () => {
    ended = true;
    emitter.off(name, arrive);
    emitter.off('error', fail);
    for (const each of close) emitter.off(each, finish);
    signal?.removeEventListener('abort', abort);
    for (const { resolve } of waiting.splice(0)) resolve({ done: true, value: undefined });
  };

  if (signal?.aborted) throw new AbortError(signal.reason);
  emitter.on(name, arrive);
  if (name !== 'error') emitter.on('error', fail);
  for (const each of close) emitter.on(each, finish);
  signal?.addEventListener('abort', abort, { once: true });

  return {
    next() {
      if (events.length > 0) return Promise.resolve({ done: false, value: events.shift() });
      if (failure) {
        const error = failure;
        failure = undefined;
        return Promise.reject(error);
      }
      if (ended) return Promise.resolve({ done: true, value: undefined });
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
      });
    },
    return() {
      finish();
      return Promise.resolve({ done: true, value: undefined });
    },
    throw(error) {
      fail(error);
      return Promise.reject(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
