// What an attempt knows of itself, as `Info` of Temporal's package.

import { ApplicationFailure } from '@temporalio/common';
import { fromPayloadsAtIndex } from '@temporalio/common/lib/converter/payload-converter';

import { host } from '../platform/host.js';

/** From what the host tells, and the details of the last heartbeat. */
export function infoOf(told, heartbeatDetails) {
  const workflow = told.workflow ?? undefined;
  // In the order that Temporal's worker has them.
  return withKey({
    taskToken: told.taskToken,
    taskQueue: told.taskQueue,
    base64TaskToken: base64(told.taskToken),
    activityId: told.activityId,
    workflowExecution: workflow && { workflowId: workflow.workflowId, runId: workflow.runId },
    attempt: told.attempt,
    isLocal: told.isLocal,
    activityType: told.activityType,
    workflowType: workflow?.workflowType,
    heartbeatTimeoutMs: told.heartbeatTimeout ?? 0,
    heartbeatDetails,
    activityNamespace: told.namespace,
    workflowNamespace: workflow?.namespace,
    scheduledTimestampMs: told.scheduledTime,
    startToCloseTimeoutMs: told.startToCloseTimeout ?? 0,
    scheduleToCloseTimeoutMs: told.scheduleToCloseTimeout ?? 0,
    currentAttemptScheduledTimestampMs: told.currentAttemptScheduledTime,
    priority: priority(told.priority),
    retryPolicy: retryPolicy(told.retryPolicy),
    namespace: workflow?.namespace || told.namespace,
    activityRunId: told.activityRunId ?? undefined,
    inWorkflow: workflow !== undefined,
  });
}

/** With the host's own `idempotencyKey`, which is not listed: elsewhere there is none. */
function withKey(info) {
  return Object.defineProperty(info, 'idempotencyKey', { get: () => host.idempotencyKey() });
}

/**
 * What the last attempt told with its last heartbeat.
 *
 * @throws ApplicationFailure when it can't be read
 */
export function heartbeatDetailsOf(converter) {
  const details = host.heartbeatDetails();
  if (details.length === 0) return undefined;
  try {
    return fromPayloadsAtIndex(converter.payloadConverter, 0, details, converter.context);
  } catch (error) {
    const message = `Failed to parse heartbeat details for activity ${host.info().activityId}: ${error?.message ?? error}`;
    throw ApplicationFailure.fromError(error, { message });
  }
}

function priority({ priorityKey, fairnessKey, fairnessWeight }) {
  return { priorityKey: priorityKey ?? undefined, fairnessKey: fairnessKey ?? undefined, fairnessWeight: fairnessWeight ?? undefined };
}

function retryPolicy(policy) {
  if (!policy) return undefined;
  return {
    backoffCoefficient: policy.backoffCoefficient || undefined,
    maximumAttempts: policy.maximumAttempts || undefined,
    maximumInterval: policy.maximumInterval ?? undefined,
    initialInterval: policy.initialInterval ?? undefined,
    nonRetryableErrorTypes: policy.nonRetryableErrorTypes,
  };
}

function base64(bytes) {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
