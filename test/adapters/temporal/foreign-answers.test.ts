import { Client } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunsPort } from '../../../src/gateway/ports.ts';
import { probeRequest, startProbeRuns, type ProbeRuns } from './probe-runs.ts';

/* Any program on the Task Queue may answer for a run. The probe Workflow answers as each test says. */

let probe: ProbeRuns;
let runs: RunsPort;
let withValues: RunsPort;
beforeAll(async () => {
  probe = await startProbeRuns('foreign-probes');
  ({ runs, withValues } = probe);
});
afterAll(() => probe.stop());

const stored = (digest: unknown) => JSON.stringify({ type: 'stored', digest, bytes: 1 });
const ended = (output: string, turns: unknown = 1) =>
  `{"output":${output},"turns":${JSON.stringify(turns)},"toolCalls":0}`;
it.each([
  'null',
  '"done"',
  '{}',
  ended('{"type":"inline"}'),
  ended(stored(7)),
  ended(stored('\0')),
  ended(stored('A'.repeat(64))),
  ended('{"type":"inline","value":"x"}', 'many'),
])('foreign result %s: shown as completed without it, with the reason', async (result) => {
  const id = await probe.started();
  await runs.signalDecided(id, { approvalId: `ends as:${result}` });
  await expect
    .poll(async () => await withValues.get(id))
    .toMatchObject({
      state: 'completed',
      output: null,
      turns: null,
      toolCalls: null,
      decision: null,
      detailMissing: expect.stringContaining('not from a Holdpoint worker'),
    });
});

const open = {
  state: 'parked',
  assistant: 'comms',
  turn: 1,
  calls: [] as unknown[],
  parked: [] as unknown[],
  queuedMessages: 0,
};
const parked = (since: unknown) => JSON.stringify({ ...open, parked: [{ type: 'TurnFailed', message: '', since }] });
const calling = (changed: object) =>
  JSON.stringify({
    ...open,
    calls: [
      {
        key: 'k',
        callId: 'c',
        tool: 'probe',
        arguments: { type: 'inline', value: {} },
        state: 'waiting',
        ...changed,
      },
    ],
  });
it.each([
  'null',
  '"waiting"',
  '{}',
  parked('now'),
  parked(1e300),
  JSON.stringify({ ...open, calls: [null] }),
  calling({ arguments: JSON.parse(stored('\0')) }),
  calling({ arguments: JSON.parse(stored('')) }),
  calling({ decision: 'approved' }),
  calling({ approval: 1 }),
])('foreign answer to the Query run %s: shown without detail, and cancel still works', async (answer) => {
  const id = await probe.started();
  await runs.signalDecided(id, { approvalId: `says:${answer}` });
  await expect
    .poll(async () => await withValues.get(id))
    .toMatchObject({
      state: 'waiting',
      detail: null,
      detailMissing: expect.stringContaining('not from a Holdpoint worker'),
    });
  expect(await runs.cancel(id)).toBe('ordered');
});

it.each(['"x"', '5', '[]', '{}', '{"waiting":"many","known":null}', '{"waiting":0}', '{"waiting":0,"known":7}'])(
  'foreign answer to the Query messages %s: the message is still sent',
  async (answer) => {
    const id = await probe.started();
    await runs.signalDecided(id, { approvalId: `says of messages:${answer}` });
    expect(await runs.send(id, { id: 'm', digest: 'd', text: 'Hurry.', whenWaiting: 'queue' })).toBe('sent');
    const { events } = await probe.temporal.client.workflow.getHandle(id).fetchHistory();
    expect(
      events?.filter(({ workflowExecutionSignaledEventAttributes: signaled }) => signaled?.signalName === 'message'),
    ).toHaveLength(1);
    await runs.cancel(id);
  },
);

it.each([
  ['an unknown encoding', 'binary/encrypted', 'secret'],
  ['JSON that was cut off', 'json/plain', '{"summ'],
  ['no encoding', '', 'x'],
])('run with a memo in %s: shown and listed, and its id is taken', async (_what, encoding, data) => {
  const { client } = probe.temporal;
  const other = new Client({
    connection: client.connection,
    namespace: client.options.namespace,
    dataConverter: {
      payloadCodecs: [
        {
          encode: async (payloads) =>
            payloads.map(() => ({ metadata: { encoding: Buffer.from(encoding) }, data: Buffer.from(data) })),
          decode: async (payloads) => payloads,
        },
      ],
    },
  });
  const id = `unreadable-${process.pid}-${encoding.length}`;
  await other.workflow.start('holdpointRun', {
    workflowId: id,
    taskQueue: 'unserved',
    memo: { assistant: 'comms', summary: 'Hello.' },
  });
  expect(await runs.get(id)).toMatchObject({ id, state: 'running', summary: '' });
  await expect.poll(async () => (await runs.list({ limit: 200 })).runs.map((run) => run.id)).toContain(id);
  expect(await runs.create(probeRequest({ id }))).toBe('taken');
  await client.workflow.getHandle(id).terminate();
});
