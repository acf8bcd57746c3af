import { condition, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';
import type { FloorActivities } from './floor-worker.ts';
import { pausedItem } from '../stage/paused-item.ts';

const { firstLine, empty } = proxyActivities<FloorActivities>({ startToCloseTimeout: '1 minute' });
const go = defineSignal('go');

/**
 * The minimum of a durable wait on Temporal: one Signal, one Activity. For throughput it has as many empty Activities before
 * and after as a reviewed run.
 */
export async function floorRun({
  item,
  before,
  after,
}: {
  item: string;
  before: number;
  after: number;
}): Promise<void> {
  let gone = false;
  setHandler(go, () => void (gone = true));
  for (let done = 1; done < before; done += 1) await empty();
  if (before > 0) await firstLine(pausedItem(item));
  await condition(() => gone);
  await firstLine(item);
  for (let done = 0; done < after; done += 1) await empty();
}
