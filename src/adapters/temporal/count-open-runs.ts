import type { Client } from '@temporalio/client';
import { failures } from '../../domain/failures.ts';
import type { OpenRunCounts } from '../../gateway/ports.ts';
import { visibilityQuery } from './visibility.ts';

/** Reasons that a run parks for. */
const reasons = Object.entries(failures).flatMap(([reason, { effect }]) => (effect === 'park' ? [reason] : []));

/** Time limit of all counts together, in milliseconds. */
const deadlineMs = 5_000;

/**
 * Counts the open runs of the namespace in Temporal's visibility, which may lag by seconds. Three queries, and one for each
 * reason if a run is parked: visibility can't group by an attribute of our own.
 */
export async function countOpenRuns(client: Client): Promise<OpenRunCounts> {
  const count = async (query: string) => (await client.workflow.count(query)).count;
  return await client.withDeadline(Date.now() + deadlineMs, async () => {
    const [running, waiting, parked] = (await Promise.all(
      (['running', 'waiting', 'parked'] as const).map((state) => count(visibilityQuery({ state }))),
    )) as [number, number, number];
    const byReason: Record<string, number> = {};
    if (parked > 0)
      await Promise.all(
        reasons.map(async (reason) => {
          byReason[reason] = await count(`${visibilityQuery({ state: 'parked' })} AND HoldpointReason = '${reason}'`);
        }),
      );
    return { running, waiting, parked, byReason };
  });
}
