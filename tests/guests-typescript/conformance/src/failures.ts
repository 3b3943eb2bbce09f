// Ways to fail.

import { activityInfo, ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import {
  ActivityFailure,
  ApplicationFailureCategory,
  ChildWorkflowFailure,
  RetryState,
  ServerFailure,
  TerminatedFailure,
  TimeoutFailure,
  TimeoutType,
} from '@temporalio/common';

export async function fail(): Promise<void> {
  BigInt('x');
}

export async function fail_application(type: string, nonRetryable: boolean, delay?: number | null): Promise<void> {
  const details = ['detail', 42];
  throw ApplicationFailure.create({ message: 'failed on purpose', type, nonRetryable, details, nextRetryDelay: delay ?? undefined });
}

export async function fail_benign(): Promise<void> {
  throw ApplicationFailure.create({ message: 'expected', type: 'Expected', category: ApplicationFailureCategory.BENIGN });
}

export async function fail_empty(): Promise<void> {
  throw new ApplicationFailure('');
}

export async function fail_until_attempt(attempt: number, delay?: number | null): Promise<number> {
  const now = activityInfo().attempt;
  if (now >= attempt) return now;
  throw ApplicationFailure.create({ message: `attempt ${now} fails`, type: 'NotYet', nextRetryDelay: delay ?? undefined });
}

export async function fail_with_bad_detail(): Promise<void> {
  throw ApplicationFailure.create({ message: 'lost', type: 'Lost', details: [1n] });
}

export async function fail_with_cause(): Promise<void> {
  try {
    BigInt('x');
  } catch (error) {
    const inner = ApplicationFailure.create({ message: 'inner', type: 'Inner', cause: error as Error });
    throw ApplicationFailure.create({ message: 'outer', type: 'Outer', cause: inner });
  }
}

export async function fail_cancelled(): Promise<void> {
  throw new CancelledFailure('nobody asked for it');
}

const KINDS: Record<string, (message: string) => Error> = {
  timeout: (message) => new TimeoutFailure(message, undefined, TimeoutType.START_TO_CLOSE),
  terminated: (message) => new TerminatedFailure(message),
  server: (message) => new ServerFailure(message, true),
  activity: (message) => new ActivityFailure(message, 'ship', '7', RetryState.TIMEOUT, 'somebody'),
  child_workflow: (message) => {
    const failure = new ChildWorkflowFailure('default', { workflowId: 'order-7', runId: 'run' }, 'Order', RetryState.TIMEOUT);
    failure.message = message;
    return failure;
  },
};

export async function fail_with_kind(kind: string): Promise<void> {
  throw KINDS[kind]('of another kind');
}
