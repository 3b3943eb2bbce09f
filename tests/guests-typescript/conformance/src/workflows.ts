// Temporal's client and workflows, in an activity.

import { activityInfo, cancelled, Context, getClient, log } from '@temporalio/activity';
import { status } from '@grpc/grpc-js';
import {
  Client,
  Connection,
  isGrpcCancelledError,
  isGrpcDeadlineError,
  isGrpcServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/client';

import { told } from './told';

export async function client_drive_workflow(workflowId: string, taskQueue: string): Promise<unknown> {
  const { workflow } = getClient();
  const options = { workflowId, taskQueue, memo: { why: 'test' } };
  const handle = await workflow.start('Collect', { ...options, args: ['first'] });
  const again = await workflow.start('Collect', options).catch((error) => error instanceof WorkflowExecutionAlreadyStartedError);
  const existing = await workflow.start('Collect', { ...options, workflowIdConflictPolicy: 'USE_EXISTING' });
  await handle.signal('add', 'second');
  await workflow.signalWithStart('Collect', { ...options, signal: 'add', signalArgs: ['third'] });
  const seen = await handle.query('all');
  const updated = await handle.executeUpdate('count');
  const refused = await told(handle.executeUpdate('refuse'));
  const running = await handle.describe();
  await workflow.getHandle(workflowId).signal('finish');
  const result = await handle.result();
  const ended = await handle.describe();
  return {
    again,
    existing: existing.firstExecutionRunId === handle.firstExecutionRunId,
    seen,
    updated,
    refused,
    running: `${running.status.name} ${running.type} ${running.memo?.why}`,
    ended: `${ended.status.name} ${ended.closeTime !== undefined}`,
    result,
  };
}

export async function client_execute_workflow(workflowType: string, workflowId: string, taskQueue: string): Promise<string> {
  const result = getClient().workflow.execute(workflowType, { workflowId, taskQueue, args: ['input'] });
  return await told(result.then((value) => `completed: ${JSON.stringify(value)}`));
}

export async function client_stop_workflow(how: string, workflowId: string, taskQueue: string): Promise<string> {
  const handle = await getClient().workflow.start('Collect', { workflowId, taskQueue });
  if (how === 'cancel') await handle.cancel();
  else await handle.terminate('enough');
  return await told(handle.result());
}

/** Waits for a workflow that never ends, until a deadline, and until a signal that a timer gives. */
export async function client_wait_in_vain(workflowId: string, taskQueue: string): Promise<unknown> {
  const { client } = Context.current();
  const handle = await client.workflow.start('Collect', { workflowId, taskQueue });
  const late = await client.withDeadline(Date.now() + 500, () => handle.result()).catch(isGrpcDeadlineError);
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 50);
  const aborted = await client.withAbortSignal(abort.signal, () => handle.result()).catch(isGrpcCancelledError);
  const past = await client.withDeadline(new Date(0), () => handle.describe()).catch(isGrpcDeadlineError);
  return { late, aborted, past };
}

/** What goes wrong, and how it is told. */
export async function client_errors(): Promise<unknown> {
  // The address is of no account.
  const connection = await Connection.connect({ address: 'nowhere.example:7233', apiKey: 'none' });
  const client = new Client({ connection, namespace: activityInfo().namespace });
  const absent = client.workflow.getHandle('absent').describe().catch((error) => error instanceof WorkflowNotFoundError);
  const { workflowService } = connection;
  const raw = workflowService.describeWorkflowExecution({ execution: { workflowId: 'absent' } }).catch((error) => error);
  const list = workflowService.listNamespaces({}).catch((error) => error.details);
  const schedule = client.schedule.getHandle('any').describe().catch((error) => error.cause.details);
  const error = await raw;
  const shown = `${error.name}: ${error.message}`;
  const details = error.metadata.get('grpc-status-details-bin').length;
  const isKnown = isGrpcServiceError(error) && error.code === status.NOT_FOUND;
  return { absent: await absent, raw: shown, isKnown, details, list: await list, schedule: await schedule };
}

export async function client_after_deadline(workflowId: string): Promise<void> {
  await cancelled().catch(() => undefined);
  log.info(`after the deadline: ${await told(getClient().workflow.getHandle(workflowId).describe())}`);
}
