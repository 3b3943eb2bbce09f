// One attempt: the context that Temporal's package shows to activities, and what the attempt comes to.

import { asyncLocalStorage, CompleteAsyncError, Context } from '@temporalio/activity';
import {
  ActivityCancellationDetails,
  ApplicationFailure,
  CancelledFailure,
  ensureApplicationFailure,
  isActivityFunctionWithOptions,
} from '@temporalio/common';
import { decodeArrayFromPayloads, encodeToPayload } from '@temporalio/common/lib/internal-non-workflow/codec-helpers';
import { composeInterceptors } from '@temporalio/common/lib/interceptors';
import { LoggerWithComposedMetadata } from '@temporalio/common/lib/logger';
import { MetricMeterWithComposedTags } from '@temporalio/common/lib/metrics';
import { isAbortError } from '@temporalio/common/lib/type-helpers';

import { begin } from '../platform/attempt.js';
import { on } from '../platform/events.js';
import { host } from '../platform/host.js';
import { tellRejections } from '../platform/rejections.js';
import { cancellationDetailsOf, chainOf } from './failures.js';
import { infoOf } from './info.js';
import { logger } from './log.js';
import { meter } from './metrics.js';

// Why an attempt is cancelled whose heartbeat could not be encoded.
const UNENCODABLE = 'HEARTBEAT_DETAILS_CONVERSION_FAILED';

/** Runs one attempt of an activity, and returns what the contract wants to know of its end. */
export async function execute({ activities, dataConverter, interceptors, clientOf }, activityType, input) {
  begin();
  const told = host.info();
  const converter = inContext(dataConverter, told);
  let cancellation;
  try {
    const activity = activities.get(activityType) ?? activities.get('default');
    if (!activity) throw notRegistered(activityType, activities);
    const info = await infoOf(told, converter);
    const types = isActivityFunctionWithOptions(activity) ? activity.activityDefinitionOptions.typeInfo : undefined;
    const args = await decodeArguments(converter, activityType, input, types?.inputTypes);
    cancellation = watchCancellation();
    const context = contextOf(info, converter, cancellation, clientOf);
    const { inbound, outbound } = intercept(context, interceptors);
    context.log = LoggerWithComposedMetadata.compose(logger, () => composeInterceptors(outbound, 'getLogAttributes', (each) => each)({}));
    return await asyncLocalStorage.run(context, async () => {
      const run = composeInterceptors(inbound, 'execute', ({ args }) => activity(...args));
      const result = await run({ args, headers: told.headers });
      return { kind: 'completed', payload: await encodeToPayload(converter, result, converter.context, types?.outputType) };
    });
  } catch (error) {
    // What is thrown may throw itself when it is looked at.
    return await failed(error, converter, cancellation).catch((another) => failed(another, converter, cancellation));
  } finally {
    tellRejections();
  }
}

async function failed(error, converter, cancellation) {
  if (error instanceof CompleteAsyncError) return { kind: 'will-complete-async' };
  if (cancellation?.reason === UNENCODABLE) {
    return { kind: 'failed', failures: await chainOf(converter, ApplicationFailure.retryable(UNENCODABLE, 'CancelledFailure')) };
  }
  if (cancellation?.reason !== undefined) {
    if (error instanceof CancelledFailure) return { kind: 'cancelled', payloads: await cancellationDetailsOf(converter, error) };
    if (isAbortError(error)) return { kind: 'cancelled', payloads: [] };
  }
  try {
    return { kind: 'failed', failures: await chainOf(converter, ensureApplicationFailure(error)) };
  } catch (unencodable) {
    // A detail without an encoding: what is told is why there is no telling.
    return { kind: 'failed', failures: await chainOf(converter, ensureApplicationFailure(unencodable)) };
  }
}

/** The converter, with what converters of the project's own are told about the activity. */
function inContext(converter, { namespace, activityId, workflow, isLocal }) {
  return { ...converter, context: { type: 'activity', namespace, activityId, workflowId: workflow?.workflowId, isLocal } };
}

function notRegistered(activityType, activities) {
  const available = JSON.stringify([...activities.keys()]);
  const message = `Activity function ${activityType} is not registered on this Worker, available activities: ${available}`;
  return ApplicationFailure.create({ type: 'NotFoundError', message, nonRetryable: false });
}

async function decodeArguments(converter, activityType, input, types) {
  try {
    return await decodeArrayFromPayloads(converter, input, converter.context, types);
  } catch (error) {
    const message = `Failed to parse activity args for activity ${activityType}: ${error?.message ?? error}`;
    throw ApplicationFailure.fromError(error, { message, nonRetryable: false });
  }
}

/** The cancellation as the package has it: a promise, a signal, a reason and details, all of the same moment. */
function watchCancellation() {
  const abort = new AbortController();
  const cancellation = { signal: abort.signal, reason: undefined, holder: {} };
  cancellation.promise = new Promise((_, reject) => {
    on('cancelled', () => {
      const details = host.cancellationDetails();
      cancellation.reason = reasonOf(details);
      cancellation.holder.details = new ActivityCancellationDetails(details ?? {});
      const failure = new CancelledFailure(cancellation.reason);
      abort.abort(failure);
      reject(failure);
    });
  });
  // Nobody need wait for it.
  cancellation.promise.catch(() => undefined);
  host.watchCancellation();
  return cancellation;
}

function reasonOf(details) {
  if (!details) return UNENCODABLE;
  if (details.notFound) return 'NOT_FOUND';
  if (details.cancelRequested) return 'CANCELLED';
  if (details.paused) return 'PAUSED';
  if (details.reset) return 'RESET';
  if (details.timedOut) return 'TIMED_OUT';
  return 'WORKER_SHUTDOWN';
}

/** The context, with a client that is made when it is asked for. */
class AttemptContext extends Context {
  #makeClient;
  #client;

  constructor(makeClient, ...of) {
    super(...of);
    this.#makeClient = makeClient;
  }

  get client() {
    this.#client ??= this.#makeClient();
    return this.#client;
  }
}

function contextOf(info, converter, cancellation, clientOf) {
  const heartbeat = (details) => record(converter, details);
  return new AttemptContext(() => clientOf(info, converter), info, cancellation.promise, cancellation.signal, heartbeat, undefined,
    logger, MetricMeterWithComposedTags.compose(meter, {}, true), cancellation.holder);
}

/** Heartbeats never fail where they are called: details without an encoding cancel the attempt, as on Temporal's worker. */
function record(converter, details) {
  try {
    host.heartbeat([converter.payloadConverter.toPayload(details, converter.context)]);
  } catch (error) {
    const failure = { message: String(error?.message ?? error), stackTrace: '', kind: 'application' };
    const fields = { type: error?.name ?? 'Error', nonRetryable: false, details: [], benign: false };
    host.heartbeatFailed([{ ...failure, fields }]);
  }
}

function intercept(context, factories) {
  const made = factories.map((factory) => factory(context));
  return { inbound: made.map((each) => each.inbound).filter(Boolean), outbound: made.map((each) => each.outbound).filter(Boolean) };
}
