// What node:http and node:https have besides requests.

import EventEmitter from './events.cjs';
import { STATUS_TEXTS } from '../platform/fetch/status_texts.js';

export const STATUS_CODES = STATUS_TEXTS;
export const METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'];
export const maxHeaderSize = 16384;

/** Connections are the host's business, so an agent has nothing to do; packages only set its options. */
export class Agent extends EventEmitter {
  maxSockets = Infinity;
  maxFreeSockets = 256;
  sockets = {};
  freeSockets = {};
  requests = {};

  constructor(options = {}) {
    super();
    this.options = { ...options };
    this.keepAlive = Boolean(options.keepAlive);
  }

  destroy() {}
}

export const globalAgent = new Agent({ keepAlive: true });

export function validateHeaderName(name) {
  new Headers([[name, '']]);
}

export function validateHeaderValue(name, value) {
  new Headers([[name, value]]);
}

export function createServer() {
  throw new Error('An activity can have no server: the sandbox has no sockets');
}
