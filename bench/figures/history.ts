import { setTimeout as sleep } from 'node:timers/promises';
import proto from '@temporalio/proto';
import type { Fact, Measurement } from '../measurement.ts';
import type { ToolName } from '../stage/names.ts';
import { approve, ended, openApprovals, startRun } from '../stage/runs.ts';
import type { Stage } from '../stage/stage.ts';
import type { BenchWorker } from '../stage/start-worker.ts';

/** Size of one run's history in Temporal. */
type History = { events: number; bytes: number; upserts: number; timers: number; actions: number };

/** Temporal Cloud's list price for the first five million actions of a month: https://docs.temporal.io/cloud/pricing */
const dollarsPerMillionActions = 50;
/** A turn with the model: its Activity, and the Workflow Task that receives its result. */
const eventsOfATurn = 6;

const counted = {
  actions: [
    'WORKFLOW_EXECUTION_STARTED',
    'ACTIVITY_TASK_SCHEDULED',
    'TIMER_STARTED',
    'WORKFLOW_EXECUTION_SIGNALED',
    'UPSERT_WORKFLOW_SEARCH_ATTRIBUTES',
    'MARKER_RECORDED',
  ],
  upserts: ['UPSERT_WORKFLOW_SEARCH_ATTRIBUTES'],
  timers: ['TIMER_STARTED', 'TIMER_CANCELED', 'TIMER_FIRED'],
} as const;

/** Events, bytes and Temporal actions of a call: the difference between a run with three calls and one with two. */
export const history: Measurement = {
  name: 'what a call leaves in the history',
  figures: ['history', 'history-of-run'],
  async measure({ stage, progress }) {
    const worker = await stage.startHoldpoint({ callbacks: 'gateway' });
    const perCall = async (tool: ToolName): Promise<History> => {
      progress(tool);
      const [two, three] = [await historyOf(stage, worker, tool, 2), await historyOf(stage, worker, tool, 3)];
      return Object.fromEntries(
        Object.keys(two).map((key) => [key, three[key as keyof History] - two[key as keyof History]]),
      ) as History;
    };
    const [shown, withDeadline, plain] = [
      await perCall('act'),
      await perCall('act_in_time'),
      await perCall('act_freely'),
    ];
    const whole = await historyOf(stage, worker, 'act', 1);
    await worker.stop();
    const ofCall = ({ events }: History) => events - eventsOfATurn;
    const topic = 'What is left in the history';
    const rows: Array<[name: string, left: History]> = [
      ['reviewed call and its turn', shown],
      ['the same with a deadline', withDeadline],
      ['call without review and its turn', plain],
      ['whole run with one reviewed call', whole],
    ];
    const facts = rows.flatMap(([name, { events, bytes, actions }]): Fact[] => [
      { topic, name, column: 'events', unit: '', value: events },
      { topic, name, column: 'bytes', unit: '', value: bytes },
      { topic, name, column: 'Temporal actions', unit: '', value: actions },
      {
        topic,
        name,
        column: '$ for 1,000 on Temporal Cloud',
        unit: '',
        value: (actions * 1000 * dollarsPerMillionActions) / 1e6,
      },
    ]);
    return {
      results: [
        { id: 'history-of-run', values: { events: whole.events, actions: whole.actions } },
        {
          id: 'history',
          values: {
            bare: ofCall(shown) - shown.upserts - shown.timers,
            shownWithDeadline: ofCall(withDeadline),
            plain: ofCall(plain),
          },
        },
      ],
      facts,
    };
  },
};

/** Plays a run with so many calls in a row, each approved at once. */
async function historyOf(stage: Stage, worker: BenchWorker, tool: ToolName, calls: number): Promise<History> {
  const item = await startRun(stage, worker, tool, { calls });
  const decisions = tool === 'act_freely' ? 0 : calls;
  for (let decided = 0; decided < decisions; decided += 1) {
    for (const run of await openApprovals(stage, new Set([item]))) {
      // Otherwise the decision may arrive before the request is reported, which saves a Workflow Task.
      await sleep(500);
      await approve(stage, run);
    }
  }
  await ended(stage, item);
  const handle = stage.client.workflow.getHandle(item);
  const { raw } = await handle.describe();
  const names = ((await handle.fetchHistory()).events ?? []).map(
    ({ eventType }) => proto.temporal.api.enums.v1.EventType[eventType as number]?.replace('EVENT_TYPE_', '') ?? '',
  );
  const count = (kinds: readonly string[]) => names.filter((name) => kinds.includes(name)).length;
  return {
    events: names.length,
    bytes: Number(raw.workflowExecutionInfo?.historySizeBytes ?? 0),
    upserts: count(counted.upserts),
    timers: count(counted.timers),
    actions: count(counted.actions),
  };
}
