// node:events, of the package events, with what is newer than that.

const EventEmitter = require('events/');
const { AbortError, on } = require('./events_on.js');

const { once } = EventEmitter;

EventEmitter.errorMonitor ??= Symbol('events.errorMonitor');
EventEmitter.captureRejectionSymbol ??= Symbol.for('nodejs.rejection');
EventEmitter.captureRejections = false;
EventEmitter.usingDomains = false;
EventEmitter.on = on;

EventEmitter.once = function (emitter, name, options) {
  const signal = options?.signal;
  if (!signal) return once(emitter, name);
  if (signal.aborted) return Promise.reject(new AbortError(signal.reason));
  return new Promise((resolve, reject) => {
    const abort = () => reject(new AbortError(signal.reason));
    signal.addEventListener('abort', abort, { once: true });
    once(emitter, name).then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
};

EventEmitter.getEventListeners = (emitter, name) => (typeof emitter.listeners === 'function' ? emitter.listeners(name) : []);
EventEmitter.getMaxListeners = (emitter) => emitter.getMaxListeners?.() ?? EventEmitter.defaultMaxListeners;

EventEmitter.setMaxListeners = (count = EventEmitter.defaultMaxListeners, ...emitters) => {
  if (emitters.length === 0) EventEmitter.defaultMaxListeners = count;
  for (const emitter of emitters) emitter.setMaxListeners?.(count);
};

EventEmitter.addAbortListener = (signal, listener) => {
  if (signal.aborted) queueMicrotask(() => listener());
  else signal.addEventListener('abort', listener, { once: true });
  return { [Symbol.dispose ?? Symbol.for('Symbol.dispose')]: () => signal.removeEventListener('abort', listener) };
};

const { emit } = EventEmitter.prototype;

EventEmitter.prototype.emit = function (name, ...args) {
  if (name === 'error' && this.listenerCount(EventEmitter.errorMonitor) > 0) emit.call(this, EventEmitter.errorMonitor, ...args);
  return emit.call(this, name, ...args);
};

class EventEmitterAsyncResource extends EventEmitter {}

EventEmitter.EventEmitterAsyncResource = EventEmitterAsyncResource;
EventEmitter.EventEmitter = EventEmitter;

module.exports = EventEmitter;
