// node:diagnostics_channel.

const channels = new Map();

export class Channel {
  #subscribers = [];

  constructor(name) {
    this.name = name;
  }

  get hasSubscribers() {
    return this.#subscribers.length > 0;
  }

  publish(message) {
    for (const subscriber of this.#subscribers) subscriber(message, this.name);
  }

  subscribe(subscriber) {
    this.#subscribers.push(subscriber);
  }

  unsubscribe(subscriber) {
    const before = this.#subscribers.length;
    this.#subscribers = this.#subscribers.filter((each) => each !== subscriber);
    return this.#subscribers.length < before;
  }

  runStores(message, work, self, ...args) {
    this.publish(message);
    return Reflect.apply(work, self, args);
  }
}

export function channel(name) {
  if (!channels.has(name)) channels.set(name, new Channel(name));
  return channels.get(name);
}

export const hasSubscribers = (name) => channels.get(name)?.hasSubscribers ?? false;
export const subscribe = (name, subscriber) => channel(name).subscribe(subscriber);
export const unsubscribe = (name, subscriber) => channel(name).unsubscribe(subscriber);

const EVENTS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'];

export function tracingChannel(name) {
  const traced = Object.fromEntries(EVENTS.map((event) => [event, channel(`tracing:${name}:${event}`)]));
  return {
    ...traced,
    hasSubscribers: false,
    subscribe: (handlers) => EVENTS.forEach((event) => handlers[event] && traced[event].subscribe(handlers[event])),
    unsubscribe: (handlers) => EVENTS.forEach((event) => handlers[event] && traced[event].unsubscribe(handlers[event])),
    traceSync: (work, context, self, ...args) => Reflect.apply(work, self, args),
    tracePromise: (work, context, self, ...args) => Reflect.apply(work, self, args),
    traceCallback: (work, place, context, self, ...args) => Reflect.apply(work, self, args),
  };
}

export default { Channel, channel, hasSubscribers, subscribe, tracingChannel, unsubscribe };
