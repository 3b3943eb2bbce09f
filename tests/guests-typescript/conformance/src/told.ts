// The errors of Temporal's client, in words.

import { status } from '@grpc/grpc-js';
import { ActivityExecutionFailedError, isGrpcServiceError, WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';

const FAILED = [ActivityExecutionFailedError, WorkflowFailedError, WorkflowUpdateFailedError];

/** The answer, or its error in words. */
export async function told<T>(answer: Promise<T>): Promise<T | string> {
  try {
    return await answer;
  } catch (error) {
    if (FAILED.some((kind) => error instanceof kind)) {
      const { name, type, message } = (error as Error).cause as ApplicationFailure;
      return `${type ?? name.replace(/Failure$/, '')}: ${message}`;
    }
    for (let each = error; each instanceof Error; each = each.cause) {
      if (isGrpcServiceError(each)) {
        return `${each.code === status.PERMISSION_DENIED ? 'not granted' : 'status'}: ${each.details}`;
      }
    }
    throw error;
  }
}
