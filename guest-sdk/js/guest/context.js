// The context that Temporal's package shows to activities.

import { Context } from '@temporalio/activity';
import { composeInterceptors } from '@temporalio/common/lib/interceptors';
import { LoggerWithComposedMetadata } from '@temporalio/common/lib/logger';
import { MetricMeterWithComposedTags } from '@temporalio/common/lib/metrics';

import { host } from '../platform/host.js';
import { infoOf } from './info.js';
import { logger } from './log.js';
import { meter } from './metrics.js';

/** Most activities look at little of it, so all that takes time to make is made when it is looked at. */
class AttemptContext extends Context {
  #outbound = [];
  #makeClient;
  #client;

  constructor({ converter, cancellation, clientOf, heartbeatDetails }) {
    super(undefined, undefined, undefined, (details) => record(converter, cancellation, details));
    lazily(this, 'info', () => infoOf(host.info(), heartbeatDetails));
    lazily(this, 'cancelled', () => cancellation.promise);
    lazily(this, 'cancellationSignal', () => cancellation.signal);
    lazily(this, 'log', () => LoggerWithComposedMetadata.compose(logger, () => this.#logAttributes()));
    lazily(this, 'metricMeter', () => MetricMeterWithComposedTags.compose(meter, {}, true));
    // It has the details once they are told.
    this._cancellationDetails = cancellation;
    this.#makeClient = () => clientOf(this.info, converter);
  }

  get client() {
    this.#client ??= this.#makeClient();
    return this.#client;
  }

  /** Lets these interceptors add to every line of the log. */
  logOf(outbound) {
    this.#outbound = outbound;
  }

  #logAttributes() {
    return composeInterceptors(this.#outbound, 'getLogAttributes', (each) => each)({});
  }

  /** The headers that the attempt came with, as payloads. */
  headers() {
    return host.info().headers;
  }
}

export const contextOf = (of) => new AttemptContext(of);

/** A property whose value is made when it is first looked at. It can be assigned to, as any other. */
function lazily(object, name, make) {
  const become = (value) => {
    Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
    return value;
  };
  Object.defineProperty(object, name, { get: () => become(make()), set: become, enumerable: true, configurable: true });
}

/** Heartbeats never fail where they are called: details without an encoding cancel the attempt, as on Temporal's worker. */
function record(converter, cancellation, details) {
  try {
    host.heartbeat([converter.payloadConverter.toPayload(details, converter.context)]);
  } catch (error) {
    const failure = { message: String(error?.message ?? error), stackTrace: '', kind: 'application' };
    const fields = { type: error?.name ?? 'Error', nonRetryable: false, details: [], benign: false };
    cancellation.watch();
    host.heartbeatFailed([{ ...failure, fields }]);
  }
}
