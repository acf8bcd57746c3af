import { proxyActivities } from '@temporalio/workflow';
import { executeRun, type ChildRunOptions } from '../../src/workflow-entry.ts';

const { shout } = proxyActivities<{ shout(text: string): Promise<string> }>({ startToCloseTimeout: '10 s' });

/** A user's Workflow: a run as a child, then an Activity of the user's own. */
export async function refundAndShout(options: ChildRunOptions): Promise<string> {
  const { output } = await executeRun(options);
  return await shout(output ?? '');
}
