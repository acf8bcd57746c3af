import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outputs as texts } from '../../src/domain/outputs.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';
import { mailCalls, startStage, type Stage } from '../support/stage.ts';
import { surfaces } from '../support/surfaces.ts';

const days = 24 * 60 * 60 * 1000;

describe.each(surfaces)('late decision on the $api API', (surface) => {
  const { tool, ran } = mailTool();
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage([tool], surface);
  });
  afterAll(() => stage.stop());
  const acts = (to: string) => ran.filter(({ args }) => args['to'] === to).length;

  it("decided while no worker is up → runs after the worker's return", async () => {
    const run = await stage.start([mailCalls({ to: 'no worker', count: 500 }), { text: 'ok' }]);
    const id = await run.approval();
    await stage.stopWorkers();
    await run.decide(id, { decision: 'approve' });
    await until('the Signal has arrived', async () => (await run.events()).some((event) => event.includes('SIGNALED')));
    expect(acts('no worker')).toBe(0);
    await stage.startWorker();
    await run.result();
    expect(acts('no worker')).toBe(1);
  });

  it('F4 result waited long for the other calls → sent with its time', async () => {
    const run = await stage.start([mailCalls({ to: 'f4', count: 500 }, { to: 'f4', count: 2 }), { text: 'done' }]);
    const id = await run.approval();
    await until('the other is done', async () => (await run.view()).calls.some(({ state }) => state === 'done'));
    stage.advance(11 * 60_000);
    await run.decide(id, { decision: 'approve' });
    expect(await run.said()).toBe('done');
    const told = [...run.outputs(), ...run.heard()].join('\n').replaceAll('\\', '');
    expect(told).toMatch(/\{"result":\{"sent":2\},"obtainedAt":"20\d\d-[^"]*Z"\}/);
    expect(told).toContain('{"sent":500}');
    expect(acts('f4')).toBe(2);
  });

  it.each([
    ['approved', { decision: 'approve' }, 1, '{"sent":500}'],
    ['rejected', { decision: 'reject' }, 0, texts.denied],
  ] as const)(
    '%s after three days → the model is told; one request, at most one run',
    async (to, decision, times, output) => {
      const run = await stage.start([mailCalls({ to, count: 500 }), { text: 'done' }]);
      const id = await run.approval();
      stage.advance(3 * days);
      await run.decide(id, decision);
      expect(await run.said()).toBe('done');
      expect(acts(to)).toBe(times);
      expect(await run.asked()).toHaveLength(1);
      expect([...run.outputs(), ...run.heard()].join('\n')).toContain(output);
    },
  );
});
