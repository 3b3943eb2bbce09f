// Temporal's client in an activity.

import { activityInfo, CompleteAsyncError, getClient, log } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';

import { told } from './told';

export async function client_execute_activity(activityType: string, id: string, args: unknown[]): Promise<unknown> {
  const { taskQueue } = activityInfo();
  const handle = await getClient().activity.start(activityType, {
    id,
    taskQueue,
    args,
    startToCloseTimeout: '20 seconds',
    retry: { maximumAttempts: 1 },
  });
  const described = await handle.describe();
  return { type: described.activityType, result: await told(handle.result()) };
}

export async function client_stop_activity(how: string, id: string): Promise<string> {
  const handle = await getClient().activity.start('any', { id, taskQueue: "nobody's", scheduleToCloseTimeout: '20 seconds' });
  if (how === 'cancel') await handle.cancel('enough');
  else await handle.terminate('enough');
  return String(await told(handle.result()));
}

export async function client_complete_by_id(how: string, workflowId: string, activityId: string): Promise<void> {
  const { activity } = getClient();
  const id = { workflowId: workflowId || undefined, activityId };
  if (how === 'fail') return await activity.fail(id, ApplicationFailure.create({ message: 'not today', type: 'Refused' }));
  if (how !== 'heartbeat') return await activity.complete(id, 'by id');
  await activity.heartbeat(id, 1);
  await activity.complete(id, 'heartbeat');
}

export async function client_complete_by_token(token: number[]): Promise<void> {
  await getClient().activity.complete(new Uint8Array(token), 'by token');
}

export async function client_tell_token(): Promise<void> {
  log.info('token', { token: [...activityInfo().taskToken] });
  throw new CompleteAsyncError();
}

export async function client_describe(workflowId: string): Promise<string> {
  const describe = async () => (await getClient().workflow.getHandle(workflowId).describe()).status.name;
  return await told(describe());
}
