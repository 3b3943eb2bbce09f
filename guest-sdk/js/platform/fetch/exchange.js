// One HTTP request with its answer, as the host has it.

import { hasBegun } from '../begun.js';
import { on } from '../events.js';
import { host } from '../host.js';

// By the number of the exchange: who waits for the answer or the next piece of it, and who for a piece to be sent.
// An exchange that nobody waits for is not here, so that it can be given up once nobody has it.
const waiting = new Map();
const sending = new Map();

// The numbers of those that the host still has.
const open = new Set();
let last = 0;

// Node's codes for the host's reasons, which packages look at to decide whether to try again.
const CODES = [
  [/^ConnectionRefused/, 'ECONNREFUSED'],
  [/^(ConnectionTimeout|HttpResponseTimeout|ConnectionReadTimeout|ConnectionWriteTimeout)/, 'ETIMEDOUT'],
  [/^(ConnectionTerminated|HttpResponseIncomplete)/, 'ECONNRESET'],
  [/^Dns/, 'ENOTFOUND'],
  [/^Destination/, 'EHOSTUNREACH'],
  [/^Tls/, 'EPROTO'],
];

const errorOf = (reason) => {
  const text = reason.replace(/^ErrorCode::/, '');
  const error = new Error(text);
  const code = CODES.find(([pattern]) => pattern.test(text))?.[1];
  return code ? Object.assign(error, { code }) : error;
};

function close(number) {
  if (open.delete(number)) passOn();
}

const take = (number) => {
  const found = waiting.get(number);
  waiting.delete(number);
  return found;
};

on('response', (number, response) => take(number)?.resolve(response));
on('data', (number, piece) => take(number)?.resolve(piece));
on('end', (number) => {
  close(number);
  take(number)?.resolve(null);
});
on('failed', (number, reason) => {
  close(number);
  take(number)?.reject(errorOf(reason));
});
on('sent', (number) => {
  const done = sending.get(number);
  sending.delete(number);
  done?.();
});

// An answer that nobody reads would hold one of the few requests that there may be at once.
const forgotten = new FinalizationRegistry(giveUp);

function giveUp(number) {
  close(number);
  host.abandon(number);
}

// Half of what the host allows at once unless it is told otherwise.
const MANY = 8;

// Each holds a handful of the host's resources, of which an attempt has 1,000. Those beyond wait for their turn.
const MOST = 100;
const turns = [];
let taken = 0;

/** Waits until another request may be sent. */
export async function turn() {
  if (!hasBegun()) throw new Error('there is no network while the component is built');
  if (taken < MOST) {
    taken += 1;
    return;
  }
  await new Promise((resolve) => turns.push(resolve));
}

/** The next one may be sent. */
export function passOn() {
  const next = turns.shift();
  if (next) next();
  else taken -= 1;
}

/** Looks for answers that nobody has any more, before there is one request too many. */
export async function makeRoom() {
  if (open.size < MANY) return;
  host.collectGarbage?.();
  // What was found is given up in a turn of its own.
  await undefined;
}

export class Exchange {
  #number = ++last;

  /** Sends the request; throws what the host says where it does not. */
  constructor({ method, url, headers, hasBody }) {
    const { protocol, host: authority, pathname, search } = url;
    host.request(this.#number, [method, protocol.slice(0, -1), authority, pathname + search], headers, hasBody);
    open.add(this.#number);
    // Without a token to take it back: the engine would keep what is one.
    forgotten.register(this, this.#number);
  }

  /** The status and the headers. */
  response() {
    return this.#next();
  }

  /** The next piece of the answer; null at its end. */
  read() {
    const next = this.#next();
    host.readBody(this.#number);
    return next;
  }

  #next() {
    const number = this.#number;
    return new Promise((resolve, reject) => {
      waiting.set(number, { resolve, reject });
    });
  }

  /** Sends a piece of the body; fulfilled once it has gone. */
  send(piece) {
    return new Promise((resolve) => {
      sending.set(this.#number, resolve);
      host.sendBody(this.#number, piece);
    });
  }

  /** There is no more of the body. */
  endBody() {
    host.endBody(this.#number);
  }

  /** Gives it up; who waits for the answer gets the error. */
  abandon(error) {
    giveUp(this.#number);
    sending.delete(this.#number);
    take(this.#number)?.reject(error);
  }
}
