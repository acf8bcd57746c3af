import { Client, type Connection } from '@temporalio/client';
import type { HoldpointDatabase } from '../adapters/database/open-database.ts';
import { createWaitingRuns } from '../adapters/temporal/waiting-runs.ts';
import { Envelopes } from '../signing/envelope.ts';

type RotationParts = {
  /** HOLDPOINT_SECRET: the first value seals. */
  secrets: readonly string[];
  connection: Connection;
  namespace: string;
  taskQueue: string;
  database: HoldpointDatabase;
};

/** The number of requests that open runs wait for, and of those that only the second value of HOLDPOINT_SECRET sealed. */
export type RotationState = { waiting: number; sealedWithSecond: number };

/** Tells whether the second value of HOLDPOINT_SECRET is still needed. */
export async function readRotation({
  secrets: [first = '', second = ''],
  connection,
  namespace,
  taskQueue,
  database,
}: RotationParts): Promise<RotationState> {
  const runs = await createWaitingRuns(new Client({ connection, namespace }), taskQueue).waiting({
    after: null,
    until: Date.now(),
  });
  const requests = await database.requestDetails(runs.flatMap(({ approvalIds }) => approvalIds));
  const [byFirst, bySecond] = [new Envelopes([first]), new Envelopes([second])];
  const sealedWithSecond = requests.filter(
    (details) => byFirst.open(details) === undefined && bySecond.open(details) !== undefined,
  ).length;
  return { waiting: requests.length, sealedWithSecond };
}
