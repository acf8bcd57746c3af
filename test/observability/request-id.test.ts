import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { startObservedStage, type ObservedStage, type ProcessName } from './observed-stage.ts';

type Line = { time?: string; level?: string; requestId?: string; run?: string; msg?: string; route?: string };

const requestId = 'request-of-a-caller';
const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

let stage: ObservedStage;
beforeAll(async () => {
  stage = await startObservedStage();
}, 300_000);
afterAll(() => stage?.stop());

const linesOf = (name: ProcessName): Line[] => stage.logs[name].map((line) => JSON.parse(line) as Line);
const about = (name: ProcessName) => linesOf(name).filter((line) => line.requestId === requestId);

it('x-request-id of the caller → in the logs of all three processes, from the start of the run to its last turn', async () => {
  const run = await stage.start(
    'logged',
    [{ calls: [{ name: 'send', arguments: { to: 'ana', count: 500 } }] }, { text: 'Done.' }],
    {
      'x-request-id': requestId,
    },
  );
  await stage.decide(await stage.held(run), { decision: 'approve' });
  await run.result();
  expect(about('gateway').map(({ route, msg }) => [route, msg])).toContainEqual(['/v1/runs', 'Answered.']);
  expect(about('review-server').map(({ route, msg }) => [route, msg])).toContainEqual([
    '/api/webhooks/inbound',
    'answered',
  ]);
  const worker = await until('the last turn is logged', () => {
    const found = about('worker');
    return found.filter(({ msg }) => msg === 'takeTurn is done.').length === 2 && found;
  });
  expect(worker.map(({ msg }) => msg)).toEqual([
    'takeTurn is done.',
    'requestApproval is done.',
    'settleToolCall is done.',
    'takeTurn is done.',
  ]);
  expect(new Set(worker.map(({ run: id }) => id))).toEqual(new Set([run.id]));
});

it('each line of each process → JSON with an ISO time and a level in words', () => {
  for (const name of ['worker', 'gateway', 'review-server'] as const) {
    const lines = linesOf(name);
    expect(lines.length).toBeGreaterThan(0);
    expect(
      lines.filter(
        ({ level, time }) =>
          !levels.includes(level ?? '') || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(time ?? ''),
      ),
    ).toEqual([]);
  }
});
