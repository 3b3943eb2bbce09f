// What an attempt knows of itself, as `Info` of Temporal's package.

import { decodeFromPayloadsAtIndex } from '@temporalio/common/lib/internal-non-workflow/codec-helpers';
import { ApplicationFailure } from '@temporalio/common';

/** @throws ApplicationFailure when the details of the last heartbeat can't be read */
export async function infoOf(told, converter) {
  const workflow = told.workflow ?? undefined;
  // In the order that Temporal's worker has them.
  return {
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
    heartbeatDetails: await heartbeatDetails(told, converter),
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
  };
}

async function heartbeatDetails(told, converter) {
  try {
    return await decodeFromPayloadsAtIndex(converter, 0, told.heartbeatDetails, converter.context);
  } catch (error) {
    const message = `Failed to parse heartbeat details for activity ${told.activityId}: ${error?.message ?? error}`;
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
