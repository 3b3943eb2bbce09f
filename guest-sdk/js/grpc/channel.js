// The channel: every call goes to the host, which makes it on the worker's connection, if the component is granted it.
// Whatever address, certificate or key it was made with counts for nothing.

import { ConnectivityState } from '@grpc/grpc-js/build/src/connectivity-state';

import { Call } from './call.js';

export class ChannelImplementation {
  #target;
  #closed = false;

  constructor(target) {
    this.#target = target;
  }

  close() {
    this.#closed = true;
  }

  getTarget() {
    return this.#target;
  }

  getConnectivityState() {
    this.#check();
    return ConnectivityState.READY;
  }

  // It never changes.
  watchConnectivityState(state, deadline, callback) {
    this.#check();
    if (state !== ConnectivityState.READY) callback();
    else if (Number(deadline) !== Infinity) {
      setTimeout(() => callback(new Error('Deadline passed without connectivity state change')), Number(deadline) - Date.now());
    }
  }

  createCall(path, deadline) {
    this.#check();
    return new Call(path, Number(deadline), this.#target);
  }

  #check() {
    if (this.#closed) throw new Error('Channel has been shut down');
  }
}
