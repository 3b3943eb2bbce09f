// Failures: from errors, by the failure converter, to the chain that the contract has.

import { encodeErrorToFailure } from '@temporalio/common/lib/internal-non-workflow/codec-helpers';

/** An error and its causes, the first one first. */
export async function chainOf(converter, error) {
  const chain = [];
  for (let failure = await encodeErrorToFailure(converter, error, converter.context); failure; failure = failure.cause) {
    chain.push({
      message: failure.message ?? '',
      stackTrace: failure.stackTrace ?? '',
      encodedAttributes: failure.encodedAttributes ?? undefined,
      ...kindOf(failure),
    });
  }
  return chain;
}

/** The details of a cancellation. */
export async function cancellationDetailsOf(converter, error) {
  const failure = await encodeErrorToFailure(converter, error, converter.context);
  return payloads(failure.canceledFailureInfo?.details);
}

const BENIGN = 1;

function kindOf(failure) {
  const { applicationFailureInfo: application, canceledFailureInfo: cancelled, timeoutFailureInfo: timeout } = failure;
  const { activityFailureInfo: activity, childWorkflowExecutionFailureInfo: child, serverFailureInfo: server } = failure;
  if (cancelled) return { kind: 'cancelled', fields: { details: payloads(cancelled.details) } };
  if (timeout) {
    const fields = { timeoutType: timeout.timeoutType ?? 0, details: payloads(timeout.lastHeartbeatDetails) };
    return { kind: 'timeout', fields };
  }
  if (failure.terminatedFailureInfo) return { kind: 'terminated', fields: {} };
  if (server) return { kind: 'server', fields: { nonRetryable: Boolean(server.nonRetryable) } };
  if (activity) {
    const { activityType, activityId, identity } = activity;
    return { kind: 'activity', fields: { activityType: activityType?.name, activityId, identity } };
  }
  if (child) {
    const { namespace, workflowType, workflowExecution: execution } = child;
    const fields = { namespace, workflowType: workflowType?.name, workflowId: execution?.workflowId, runId: execution?.runId };
    return { kind: 'child-workflow', fields };
  }
  if (!application) return { kind: Object.keys(failure).find((key) => key.endsWith('FailureInfo') && failure[key]) ?? '', fields: {} };
  return {
    kind: 'application',
    fields: {
      type: application.type ?? '',
      nonRetryable: Boolean(application.nonRetryable),
      details: payloads(application.details),
      nextRetryDelay: milliseconds(application.nextRetryDelay),
      benign: application.category === BENIGN,
    },
  };
}

function payloads(list) {
  return list?.payloads ?? [];
}

function milliseconds(duration) {
  if (!duration) return undefined;
  return Number(duration.seconds ?? 0) * 1000 + (duration.nanos ?? 0) / 1e6;
}
