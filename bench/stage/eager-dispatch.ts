import { randomUUID } from 'node:crypto';
import { median } from '../measure/spread.ts';
import { ended } from './runs.ts';
import type { Stage } from './stage.ts';

/** Milliseconds between an Activity's scheduling and its start. Without eager dispatch a poll lies between them. */
const longestEagerMs = 1;
const activities = 15;

/** True if the server hands Activities over with the answer to the Workflow Task that scheduled them. */
export async function dispatchesEagerly(stage: Stage): Promise<boolean> {
  const worker = await stage.startFloor();
  const item = randomUUID();
  await stage.client.workflow.start('floorRun', {
    taskQueue: worker.taskQueue,
    workflowId: item,
    args: [{ item, before: 0, after: activities }],
  });
  await stage.client.workflow.getHandle(item).signal('go');
  await ended(stage, item);
  const { events } = await stage.client.workflow.getHandle(item).fetchHistory();
  await worker.stop();
  const ms = (time: { seconds?: unknown; nanos?: number | null } | null | undefined): number =>
    Number(time?.seconds ?? 0) * 1000 + Number(time?.nanos ?? 0) / 1e6;
  const scheduledAt = new Map(
    (events ?? []).flatMap((event) =>
      event.activityTaskScheduledEventAttributes ? [[String(event.eventId), ms(event.eventTime)] as const] : [],
    ),
  );
  const waits = (events ?? []).flatMap((event) => {
    const of = event.activityTaskStartedEventAttributes?.scheduledEventId;
    return of == null ? [] : [ms(event.eventTime) - (scheduledAt.get(String(of)) ?? 0)];
  });
  return median(waits) < longestEagerMs;
}
