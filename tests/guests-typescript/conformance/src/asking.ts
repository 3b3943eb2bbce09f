// What an attempt knows and tells.

import { activityInfo, CompleteAsyncError, Context, log } from '@temporalio/activity';

function seenOutside(): string[] {
  try {
    Context.current();
    return ['in_activity: true'];
  } catch (error) {
    return ['in_activity: false', (error as Error).message];
  }
}

// What is seen while the component is built.
const OUTSIDE = seenOutside();

export async function outside_of_activities(): Promise<string[]> {
  return OUTSIDE;
}

export async function complete_async(): Promise<void> {
  log.info('completing elsewhere', { task_token: [...activityInfo().taskToken] });
  throw new CompleteAsyncError();
}

export async function log_lines(text: string): Promise<void> {
  for (const level of ['trace', 'debug', 'info', 'warn', 'error'] as const) {
    log[level](`${level} line`, { text, number: 42, activity_id: 'forged' });
  }
  console.log('output line');
  console.error('error output line');
}

export async function idempotency_key(): Promise<unknown> {
  const info = activityInfo();
  const key = (info as typeof info & { idempotencyKey: string }).idempotencyKey;
  const workflow = info.workflowExecution;
  return [key, workflow?.workflowId ?? null, workflow?.runId ?? info.activityRunId];
}

export async function info(): Promise<unknown> {
  const info = activityInfo();
  const seconds = (ms: number | undefined) => (ms === undefined ? null : ms / 1000);
  return {
    activity_id: info.activityId,
    activity_run_id: info.activityRunId ?? null,
    activity_type: info.activityType,
    attempt: info.attempt,
    namespace: info.namespace,
    task_queue: info.taskQueue,
    task_token: [...info.taskToken],
    workflow: info.inWorkflow
      ? {
          namespace: info.workflowNamespace,
          workflow_id: info.workflowExecution?.workflowId,
          run_id: info.workflowExecution?.runId,
          workflow_type: info.workflowType,
        }
      : null,
    is_local: info.isLocal,
    scheduled_time: seconds(info.scheduledTimestampMs),
    current_attempt_scheduled_time: seconds(info.currentAttemptScheduledTimestampMs),
    schedule_to_close_timeout: seconds(info.scheduleToCloseTimeoutMs || undefined),
    start_to_close_timeout: seconds(info.startToCloseTimeoutMs || undefined),
    heartbeat_timeout: seconds(info.heartbeatTimeoutMs),
    heartbeat_details: info.heartbeatDetails ?? null,
  };
}
