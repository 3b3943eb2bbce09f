// One call, as the package's client makes it of a channel.
//
// The host's function returns when the answer is there, and nothing else of the activity goes on meanwhile. What the
// server holds open until something happens is therefore asked in slices, with a turn for everything else between two.

import { Status } from '@grpc/grpc-js/build/src/constants';
import { Metadata } from '@grpc/grpc-js/build/src/metadata';

import { hasBegun } from '../platform/begun.js';
import { bind } from '../platform/context.js';
import { host } from '../platform/host.js';
import { setImmediate } from '../platform/timers.js';

const TEMPORALS = /^(temporal\.api\.|grpc\.health\.v1\.)/;

// Calls that the server holds open.
const LONG_POLLS = new Set(['GetWorkflowExecutionHistory', 'PollActivityExecution', 'PollWorkflowExecutionUpdate', 'UpdateWorkflowExecution']);

// How many milliseconds a slice lasts: long enough for an answer that is there to arrive from afar.
const SLICE = 1000;

// What asks for the calls that wait for their turn: one in each turn of the event loop.
const waiting = [];
let isNextSet = false;

function wait(ask) {
  waiting.push(bind(ask));
  setNext();
}

function setNext() {
  if (isNextSet || waiting.length === 0) return;
  isNextSet = true;
  setImmediate(() => {
    isNextSet = false;
    waiting.shift()();
    // After all timers that were due meanwhile.
    setNext();
  });
}

export class Call {
  #service;
  #method;
  #deadline;
  #target;
  #listener;
  #request;
  #ended = false;

  constructor(path, deadline, target) {
    [, this.#service, this.#method] = path.split('/');
    this.#deadline = deadline;
    this.#target = target;
  }

  start(metadata, listener) {
    this.#listener = listener;
  }

  sendMessageWithContext(context, message) {
    this.#request = message;
  }

  halfClose() {
    if (!TEMPORALS.test(this.#service)) {
      return this.#end({ code: Status.UNIMPLEMENTED, details: `gRPC reaches Temporal alone in the sandbox, and not ${this.#service}` });
    }
    if (!hasBegun()) {
      return this.#end({ code: Status.FAILED_PRECONDITION, details: "Temporal can't be asked while the component is built" });
    }
    return wait(() => this.#ask());
  }

  startRead() {}

  setCredentials() {}

  cancelWithStatus(code, details) {
    this.#end({ code, details });
  }

  getPeer() {
    return this.#target;
  }

  getAuthContext() {
    return null;
  }

  #ask() {
    if (this.#ended) return undefined;
    const left = this.#deadline - Date.now();
    if (left <= 0) return this.#end({ code: Status.DEADLINE_EXCEEDED, details: 'Deadline exceeded' });
    const slice = LONG_POLLS.has(this.#method) ? Math.min(left, SLICE) : left;
    const answer = host.rpc(this.#service, this.#method, this.#request, slice === Infinity ? undefined : slice);
    if (answer instanceof Uint8Array) return this.#answer(answer);
    if (answer.code === Status.DEADLINE_EXCEEDED && slice < left) return wait(() => this.#ask());
    return this.#end(statusOf(answer, this.#method));
  }

  #answer(message) {
    this.#listener.onReceiveMetadata(new Metadata());
    this.#listener.onReceiveMessage(Buffer.from(message.buffer, message.byteOffset, message.byteLength));
    this.#end({ code: Status.OK, details: '' });
  }

  #end({ code, details, metadata = new Metadata() }) {
    if (this.#ended) return;
    this.#ended = true;
    this.#listener?.onReceiveStatus({ code, details, metadata });
  }
}

/** Why the host made no call, or the server refused it, as a gRPC status. */
function statusOf({ kind, code, message, details }, method) {
  switch (kind) {
    case 'status': {
      const metadata = new Metadata();
      if (details.length > 0) metadata.set('grpc-status-details-bin', Buffer.from(details));
      return { code, details: message, metadata };
    }
    case 'invalid':
      return { code: Status.INVALID_ARGUMENT, details: message };
    case 'lease-lost':
      return { code: Status.PERMISSION_DENIED, details: "the attempt's deadline has passed: it may not act any more" };
    default:
      // A connection is not made with it here: a client that asks goes on, as with a server too old to know it.
      return { code: method === 'GetSystemInfo' ? Status.UNIMPLEMENTED : Status.PERMISSION_DENIED, details: message };
  }
}
