import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '@holdpoint/json';
import { RESERVED_DETAILS_KEY } from '@holdpoint/cheqpoint/wire-names';
import type { RequestApprovalInput, RequestedApproval, SettleInput } from '../../src/domain/activities.ts';
import { Envelopes, type Envelope } from '../../src/signing/envelope.ts';
import { startAttacker, type Attacker, type AttackingWorkflow } from '../support/attacker.ts';
import { secret } from '../support/keys.ts';
import { startRunStack, type RunStack, type StartedRun } from '../support/run-stack.ts';
import { answering, call, calling } from '../support/scripted-model.ts';
import { askingTool, mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const many = { to: 'all', count: 500 };
const given: Json[] = [];
const mail = mailTool({
  execute: ({ count }, { context }) => {
    given.push(context as Json);
    return { sent: count };
  },
});
const hasty = mailTool({ name: 'hasty', review: { expiresIn: '1 hour' } });
const asking = askingTool({ name: 'asking' });
const meddled: Json[] = [];
const meddle = (_args: object, { context }: { context: unknown }) => {
  (context as { limit: number }).limit += 1_000;
};
const meddling = mailTool({
  name: 'meddling',
  review: {
    when: (args, run) => (meddle(args, run), true),
    summary: (args, run) => (meddle(args, run), 'Send mail'),
    risk: (args, run) => (meddle(args, run), 'medium'),
    context: (args, run) => (meddle(args, run), null),
  },
  execute: ({ count }, { context, run }) => {
    meddled.push([structuredClone(context), structuredClone(run.context)] as Json);
    meddle({}, { context });
    return { sent: count };
  },
});
const broken = mailTool({
  name: 'broken',
  effect: 'at-most-once',
  execute: () => {
    throw new Error('the connection broke');
  },
});

/** The seals of the first release, which bound no context. */
class FirstEnvelopes extends Envelopes {
  override seal(
    { version: _, runContext: __, toolVersion: ___, ...envelope }: Envelope,
    args: JsonObject,
  ): ReturnType<Envelopes['seal']> {
    return super.seal(envelope, args);
  }
}

let stack: RunStack;
let attacker: Attacker;
let decider: StartedRun;
beforeAll(async () => {
  stack = await startRunStack([mail.tool, hasty.tool, asking, meddling.tool, broken.tool]);
  attacker = await startAttacker(stack);
  decider = await stack.start([]);
});
afterAll(async () => {
  await attacker.stop();
  await stack.stop();
});

const payload = (value: Json) => ({ type: 'inline' as const, value });
const reference = (key: string, tool: string) => ({ key, callId: 'call', tool, arguments: payload(many) });
const settling = (key: string, context: Json, tool = 'send_mail'): SettleInput => ({
  assistant: 'tester',
  context,
  call: reference(key, tool),
  lost: [],
  close: false,
  retries: 0,
});
const requesting = (key: string, more: Partial<RequestApprovalInput> = {}, tool = 'send_mail') => ({
  assistant: 'tester',
  context: null,
  call: reference(key, tool),
  arguments: payload(many),
  number: 1,
  kind: 'call',
  conversation: null,
  ...more,
});
const request = async (attack: AttackingWorkflow, input: object): Promise<RequestedApproval> =>
  ((await attack.attempt('requestApproval', input)) as { result: RequestedApproval }).result;
const sealed = async (key: string, number: number) => {
  const { request } = (await stack.database.requests.list(key)).find((row) => row.number === number) ?? {};
  return { summary: request?.summary ?? '', ...(request?.details[RESERVED_DETAILS_KEY] as Partial<Envelope>) };
};
const anotherThan = (run: StartedRun, first: string) =>
  until('it is asked again', async () => {
    const id = await run.approval();
    return id !== first && id;
  });

describe('run.context', () => {
  it('approved with one context, settled with another → asked again, not run', async () => {
    const attack = await attacker.start();
    const key = `${attack.firstRunId}/1/0/call_context`;
    const { id } = await request(attack, requesting(key, { context: { account: 'ana', limit: 10 } }));
    await decider.decide(id as string, { decision: 'approve' });
    for (const context of [null, {}, { account: 'eve', limit: 10 }, { account: 'ana', limit: '10' }])
      expect(await attack.attempt('settleToolCall', settling(key, context))).toMatchObject({
        result: { type: 'review', because: expect.stringContaining('The context of the run is not the one') },
      });
    expect(given).toEqual([]);
    expect(await attack.attempt('settleToolCall', settling(key, { limit: 10, account: 'ana' }))).toMatchObject({
      result: { as: 'ran' },
    });
    expect(given.splice(0)).toEqual([{ account: 'ana', limit: 10 }]);
  });

  it('changed by the functions of a policy → asked once, the tool gets the one of the run', async () => {
    const script = [calling(call('meddling', many, 'call_meddled')), answering('done')];
    const run = await stack.start(script, { context: { limit: 10 } });
    await run.decide(await run.approval(), { decision: 'approve' });
    await run.result();
    expect(meddled).toEqual([[{ limit: 10 }, { limit: 10 }]]);
  });

  it('the request does not disclose it: equal contexts of two calls have different digests', async () => {
    const attack = await attacker.start();
    const keys = ['a', 'b'].map((callId) => `${attack.firstRunId}/1/0/${callId}`);
    for (const key of keys) await request(attack, requesting(key, { context: 'short' }));
    const digests = await Promise.all(keys.map(async (key) => (await sealed(key, 1)).runContext));
    expect(new Set(digests).size).toBe(2);
    expect(digests).not.toContain(undefined);
  });

  it('approved under a seal of the first release → asked again, then run with the context', async () => {
    await stack.stopWorkers();
    const before = await stack.startWorker({ envelopes: new FirstEnvelopes([secret]) });
    const run = await stack.start([calling(call('send_mail', many)), answering('done')], { context: { user: 'ana' } });
    const asked = await stack.start([calling(call('asking', many)), answering('done')]);
    const first = await run.approval();
    const firstAsked = await asked.approval();
    await before.stop();
    for (const id of [first, firstAsked]) await run.decide(id, { decision: 'approve' });
    await stack.startWorker();
    const second = await anotherThan(run, first);
    const key = (await run.view()).calls[0]?.key as string;
    expect((await sealed(key, 2)).because).toContain('an older version of Holdpoint');
    expect(given).toEqual([]);
    await run.decide(second, { decision: 'approve' });
    await run.result();
    expect(given.splice(0)).toEqual([{ user: 'ana' }]);
    // A tool without execute: no code gets the context.
    await asked.result();
    expect(asked.told()).toEqual(['{"success":true}']);
  });
});

describe('question whether a tool happened', () => {
  it('after an edit → shows the arguments that ran', async () => {
    const run = await stack.start([calling(call('broken', many)), answering('done')]);
    const first = await run.approval();
    const edited = { to: 'all', count: 501 };
    await run.decide(first, { decision: 'approve', modifiedDetails: edited });
    await anotherThan(run, first);
    const key = (await run.view()).calls[0]?.key as string;
    expect((await sealed(key, 2)).context).toEqual({ tool: 'broken', arguments: edited });
    await run.cancel();
  });

  it('made-up arguments in the input → not shown', async () => {
    const attack = await attacker.start();
    const key = `${attack.firstRunId}/1/0/call_happened`;
    await request(attack, requesting(key, { kind: 'outcome', arguments: payload({ to: 'eve', count: 1 }) }));
    expect((await sealed(key, 1)).context).toEqual({
      tool: 'send_mail',
      arguments: expect.stringContaining('Not known'),
    });
  });
});

describe('reason and deadline of a request', () => {
  it('made up in the input → not shown', async () => {
    const attack = await attacker.start();
    const lie = 'The chief approved this already.';
    for (const kind of ['call', 'outcome'] as const) {
      const key = `${attack.firstRunId}/1/0/call_${kind}`;
      for (const [index, seal] of [undefined, '', 'x'.repeat(43)].entries()) {
        const input = requesting(key, { kind, because: lie, number: index + 1, ...(seal !== undefined && { seal }) });
        await request(attack, input);
        expect(JSON.stringify(await stack.database.requests.list(key))).not.toContain(lie);
      }
    }
    expect((await sealed(`${attack.firstRunId}/1/0/call_call`, 1)).because).toContain('without a seal');
  });

  it('reason of one call → not shown for another call or other arguments', async () => {
    const attack = await attacker.start();
    const key = `${attack.firstRunId}/1/0/call_sealed`;
    const { id } = await request(attack, requesting(key, { context: 'one' }));
    await decider.decide(id as string, { decision: 'approve' });
    const told = await attack.attempt('settleToolCall', settling(key, 'two'));
    const { because, seal, arguments: args } = (told as { result: RequestApprovalInput }).result;
    const again = { because, seal, arguments: args } as Partial<RequestApprovalInput>;
    const other = `${attack.firstRunId}/1/1/call_sealed`;
    await request(attack, requesting(other, again));
    await request(attack, requesting(key, { ...again, arguments: payload({ to: 'eve', count: 1 }), number: 2 }));
    await request(attack, requesting(key, { ...again, number: 3 }));
    expect((await sealed(other, 1)).because).toContain('without a seal');
    expect((await sealed(key, 2)).because).toContain('without a seal');
    expect((await sealed(key, 3)).because).toBe(because);
  });

  it('draft made up in the input, with or without a reason → not shown', async () => {
    const attack = await attacker.start();
    const lie = payload({ edit: { to: 'eve', count: 9_999 }, note: 'The chief approved this already.' });
    const key = `${attack.firstRunId}/1/0/call_drafted`;
    const { id } = await request(attack, requesting(key, { context: 'one' }));
    await decider.decide(id as string, { decision: 'approve' });
    const told = await attack.attempt('settleToolCall', settling(key, 'two'));
    const { because, seal } = (told as { result: { because: string; seal: string } }).result;
    for (const [index, reason] of [{}, { because }, { because, seal }].entries())
      await request(attack, requesting(key, { ...reason, draft: lie, number: index + 2 }));
    await request(attack, requesting(`${key}_happened`, { draft: lie, kind: 'outcome' }));
    for (const [of, number] of [
      [key, 2],
      [key, 3],
      [key, 4],
      [`${key}_happened`, 1],
    ] as const)
      expect((await sealed(of, number)).draft).toBeUndefined();
  });

  it('deadline made up in the input → the one of the policy', async () => {
    const attack = await attacker.start();
    const key = `${attack.firstRunId}/1/0/call_late`;
    const far = Date.now() + 1e10;
    await request(attack, requesting(key, { deadlineAt: far }, 'hasty'));
    await request(attack, requesting(key, { deadlineAt: far, number: 2 }, 'hasty'));
    const [first, second] = [await sealed(key, 1), await sealed(key, 2)];
    expect(first.deadline).toBeLessThanOrEqual(Date.now() + 60 * 60 * 1000);
    expect(second.deadline).toBe(first.deadline);
  });
});
