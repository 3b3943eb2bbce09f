// The cancellation of an attempt as Temporal's package has it: a promise, a signal, a reason and details.

import { ActivityCancellationDetails, CancelledFailure } from '@temporalio/common';
import { isAbortError } from '@temporalio/common/lib/type-helpers';

import { on } from '../platform/events.js';
import { host } from '../platform/host.js';

// Why an attempt is cancelled whose heartbeat could not be encoded.
export const UNENCODABLE = 'HEARTBEAT_DETAILS_CONVERSION_FAILED';

/** Most activities never look: what is told of the cancellation is made once one does. */
export class Cancellation {
  #watched;
  #reason;
  #details;

  get promise() {
    return this.watch().promise;
  }

  get signal() {
    return this.watch().signal;
  }

  get details() {
    this.watch();
    return this.#details;
  }

  /** Why the attempt was cancelled, if it was by the time when this was thrown. */
  reasonOf(error) {
    if (error instanceof CancelledFailure || isAbortError(error)) this.watch();
    return this.#reason;
  }

  /** From here on the attempt is told of its cancellation, at once if it was cancelled before. */
  watch() {
    if (this.#watched) return this.#watched;
    const abort = new AbortController();
    let reject;
    const promise = new Promise((_, rejected) => {
      reject = rejected;
    });
    // Nobody need wait for it.
    promise.catch(() => undefined);
    this.#watched = { promise, signal: abort.signal };
    const cancelled = () => {
      if (this.#reason !== undefined) return;
      const details = host.cancellationDetails();
      this.#reason = nameOf(details);
      this.#details = new ActivityCancellationDetails(details ?? {});
      const failure = new CancelledFailure(this.#reason);
      abort.abort(failure);
      reject(failure);
    };
    on('cancelled', cancelled);
    host.watchCancellation();
    if (host.isCancelled()) cancelled();
    return this.#watched;
  }
}

function nameOf(details) {
  if (!details) return UNENCODABLE;
  if (details.notFound) return 'NOT_FOUND';
  if (details.cancelRequested) return 'CANCELLED';
  if (details.paused) return 'PAUSED';
  if (details.reset) return 'RESET';
  if (details.timedOut) return 'TIMED_OUT';
  return 'WORKER_SHUTDOWN';
}
