// What an attempt knows of itself, as `Info` of Temporal's package.

import { decodeFromPayloadsAtIndex } from '@temporalio/common/lib/internal-non-workflow/codec-helpers';
import { ApplicationFailure } from '@temporalio/common';

/** @throws ApplicationFailure when the details of the last heartbeat can't be read */
export async function infoOf(told, converter) {
  const workflow = told.workflow ?? undefined;
  return {
    taskToken: told.taskToken,
    base64TaskToken: base64(told.taskToken),
    taskQueue: told.taskQueue,
    activityId: told.activityId,
    activityType: told.activityType,
    activityRunId: told.activityRunId ?? undefined,
    attempt: told.attempt,
    isLocal: told.isLocal,
    inWorkflow: workflow !== undefined,
    workflowExecution: workflow && { workflowId: workflow.workflowId, runId: workflow.runId },
    workflowType: workflow?.workflowType,
    workflowNamespace: workflow?.namespace,
    namespace: told.namespace,
    activityNamespace: told.namespace,
    heartbeatTimeoutMs: told.heartbeatTimeout ?? undefined,
    heartbeatDetails: await heartbeatDetails(told, converter),
    scheduledTimestampMs: told.scheduledTime,
    currentAttemptScheduledTimestampMs: told.currentAttemptScheduledTime,
    startToCloseTimeoutMs: told.startToCloseTimeout ?? 0,
    scheduleToCloseTimeoutMs: told.scheduleToCloseTimeout ?? 0,
    priority: priority(told.priority),
    retryPolicy: retryPolicy(told.retryPolicy),
  };
}

async function heartbeatDetails(told, converter) {
  try {
    return await decodeFromPayloadsAtIndex(converter, 0, told.heartbeatDetails);
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
    initialInterval: policy.initialInterval ?? undefined,
    maximumInterval: policy.maximumInterval ?? undefined,
    nonRetryableErrorTypes: policy.nonRetryableErrorTypes,
  };
}

function base64(bytes) {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
