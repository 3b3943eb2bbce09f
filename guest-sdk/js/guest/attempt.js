// One attempt: the context that Temporal's package shows to activities, and what the attempt comes to.

import { asyncLocalStorage, CompleteAsyncError } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure, ensureApplicationFailure, isActivityFunctionWithOptions } from '@temporalio/common';
import { arrayFromPayloads, toPayloadWithTypeInfo } from '@temporalio/common/lib/converter/payload-converter';
import { composeInterceptors } from '@temporalio/common/lib/interceptors';
import { isAbortError } from '@temporalio/common/lib/type-helpers';

import { begin } from '../platform/attempt.js';
import { beginWith } from '../platform/context.js';
import { tellRejections } from '../platform/rejections.js';
import { Cancellation, UNENCODABLE } from './cancellation.js';
import { contextOf } from './context.js';
import { inContext } from './converter.js';
import { cancellationDetailsOf, chainOf } from './failures.js';
import { heartbeatDetailsOf } from './info.js';

/** Runs one attempt of an activity, and returns what the contract wants to know of its end. */
export async function execute({ activities, dataConverter, interceptors, clientOf }, activityType, input) {
  begin();
  const converter = inContext(dataConverter);
  const cancellation = new Cancellation();
  try {
    const activity = activities.get(activityType) ?? activities.get('default');
    if (!activity) throw notRegistered(activityType, activities);
    const heartbeatDetails = heartbeatDetailsOf(converter);
    const types = isActivityFunctionWithOptions(activity) ? activity.activityDefinitionOptions.typeInfo : undefined;
    const args = decodeArguments(converter, activityType, input, types?.inputTypes);
    const context = contextOf({ converter, cancellation, clientOf, heartbeatDetails });
    const run = intercepted(activity, context, interceptors);
    beginWith(asyncLocalStorage, context);
    const result = await run(args);
    return { kind: 'completed', payload: toPayloadWithTypeInfo(converter.payloadConverter, result, converter.context, types?.outputType) };
  } catch (error) {
    // What is thrown may throw itself when it is looked at.
    return await failed(error, converter, cancellation).catch((another) => failed(another, converter, cancellation));
  } finally {
    tellRejections();
  }
}

/** The activity with the project's interceptors around it, which get the context first. */
function intercepted(activity, context, factories) {
  if (factories.length === 0) return (args) => activity(...args);
  const made = factories.map((factory) => factory(context));
  const of = (direction) => made.map((each) => each[direction]).filter(Boolean);
  context.logOf(of('outbound'));
  const run = composeInterceptors(of('inbound'), 'execute', ({ args }) => activity(...args));
  return (args) => run({ args, headers: context.headers() });
}

async function failed(error, converter, cancellation) {
  if (error instanceof CompleteAsyncError) return { kind: 'will-complete-async' };
  const reason = cancellation.reasonOf(error);
  if (reason === UNENCODABLE) {
    return { kind: 'failed', failures: await chainOf(converter, ApplicationFailure.retryable(UNENCODABLE, 'CancelledFailure')) };
  }
  if (reason !== undefined) {
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

function notRegistered(activityType, activities) {
  const available = JSON.stringify([...activities.keys()]);
  const message = `Activity function ${activityType} is not registered on this Worker, available activities: ${available}`;
  return ApplicationFailure.create({ type: 'NotFoundError', message, nonRetryable: false });
}

function decodeArguments(converter, activityType, input, types) {
  try {
    return arrayFromPayloads(converter.payloadConverter, input, converter.context, types);
  } catch (error) {
    const message = `Failed to parse activity args for activity ${activityType}: ${error?.message ?? error}`;
    throw ApplicationFailure.fromError(error, { message, nonRetryable: false });
  }
}
