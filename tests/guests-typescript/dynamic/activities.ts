// The only activity takes whatever is called for.

import { activityInfo } from '@temporalio/activity';

export default async function dynamic(...args: unknown[]): Promise<string> {
  const { activityType } = activityInfo();
  if (activityType !== 'sum') return `${activityType} with ${args.length} arguments`;
  return `sum is ${(args as number[]).reduce((sum, each) => sum + each, 0)}`;
}
