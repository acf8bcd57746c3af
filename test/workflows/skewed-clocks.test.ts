import { createReviewService } from '@holdpoint/cheqpoint';
import { describe, expect, it } from 'vitest';
import { clockWarning } from '../../src/adapters/review-clock.ts';
import { connectionKey } from '../support/keys.ts';
import { startRunStack } from '../support/run-stack.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const hour = 3_600_000;
const shifted = (ms: number) => () => Date.now() + ms;
const mail = { to: 'all', count: 500 };

describe.each([
  ['one hour ahead', hour],
  ['one hour behind', -hour],
])('review server %s of the worker', (_name, ms) => {
  const stackOf = async (expiresIn: string | number) => {
    const tool = mailTool({ name: 'timed', review: { expiresIn } });
    const stack = await startRunStack([tool.tool], { review: { clock: () => new Date(shifted(ms)()) } });
    return { stack, ran: tool.ran };
  };

  it('request of 30 minutes → waits, and an approval counts', async () => {
    const { stack, ran } = await stackOf('30 minutes');
    try {
      const run = await stack.start([calling(call('timed', mail)), answering('ok')]);
      await run.decide(await run.approval(), { decision: 'approve' });
      await run.result();
      expect(ran).toHaveLength(1);
    } finally {
      await stack.stop();
    }
  });

  it('request of a second → expires at its source after a second', async () => {
    const { stack, ran } = await stackOf(1000);
    try {
      const run = await stack.start([calling(call('timed', mail)), answering('ok')]);
      const began = performance.now();
      await run.approval();
      await run.result();
      expect(performance.now() - began).toBeGreaterThan(500);
      expect(run.told()).toEqual(['Nobody decided on this action in time. It was not carried out.']);
      expect(ran).toEqual([]);
    } finally {
      await stack.stop();
    }
  });

  it('client of the review server → hears of the difference', async () => {
    const { stack } = await stackOf(1000);
    try {
      const warnings = new Set<string | undefined>();
      const service = createReviewService({
        baseUrl: stack.reviewServer.url,
        connectionKey,
        onClock: (aheadMs) => warnings.add(clockWarning(aheadMs)),
      });
      await service.capabilities();
      expect([...warnings]).toEqual([
        `The clock of the review service is 60 min ${ms > 0 ? 'ahead of' : 'behind'} the clock of this machine. Set both by a time server (NTP).`,
      ]);
    } finally {
      await stack.stop();
    }
  });
});

describe.each([
  ['one hour ahead', hour],
  ['one hour behind', -hour],
])('worker %s of Temporal and of the review server', (_name, ms) => {
  it('request of 30 minutes → waits, and an approval counts', async () => {
    const tool = mailTool({ name: 'timed', review: { expiresIn: '30 minutes' } });
    const stack = await startRunStack([tool.tool], { dependencies: { now: shifted(ms) } });
    try {
      const run = await stack.start([calling(call('timed', mail)), answering('ok')]);
      const id = await run.approval();
      const deadlines = (await run.view()).calls.map(({ approval }) => approval?.deadlineAt ?? 0);
      // On Temporal's clock.
      expect(deadlines.map((at) => Math.round((at - Date.now()) / 60_000))).toEqual([30]);
      await run.decide(id, { decision: 'approve' });
      await run.result();
      expect(tool.ran).toHaveLength(1);
    } finally {
      await stack.stop();
    }
  });

  it('request of two seconds → is open, then expires', async () => {
    const tool = mailTool({ name: 'timed', review: { expiresIn: 2000 } });
    const stack = await startRunStack([tool.tool], { dependencies: { now: shifted(ms) } });
    try {
      const run = await stack.start([calling(call('timed', mail)), answering('ok')]);
      await run.approval();
      await until('the expiry', async () => run.told().length > 0);
      expect(run.told()).toEqual(['Nobody decided on this action in time. It was not carried out.']);
    } finally {
      await stack.stop();
    }
  });
});
