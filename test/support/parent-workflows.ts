import { condition, defineSignal, setHandler } from '@temporalio/workflow';
import { executeRun, startRun, type ChildRunOptions, type RunAnswer } from '../../src/workflow-entry.ts';

/** A user's Workflows that start runs as children. */
export async function executesRun(options: ChildRunOptions): Promise<RunAnswer> {
  return await executeRun(options);
}

export async function cancelsRun(options: ChildRunOptions): Promise<string> {
  const run = await startRun(options);
  let told = false;
  setHandler(defineSignal('give up'), () => void (told = true));
  await condition(() => told);
  await run.cancel();
  return await run.result().then(
    () => 'answered',
    () => 'cancelled',
  );
}

/** Ends while its run is open. */
export async function leavesRun(options: ChildRunOptions): Promise<string> {
  const { id } = await startRun(options);
  let told = false;
  setHandler(defineSignal('end'), () => void (told = true));
  await condition(() => told);
  return id;
}
