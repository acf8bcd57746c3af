import { signInReviewer, type ReviewerClient } from '@holdpoint/review-server/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askedSignal } from '../../src/domain/wire-names.ts';
import { startStandInStack, type StandInStack } from '../support/stand-in-stack.ts';
import { mailTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const { tool, ran } = mailTool();
const mail = (to: string) => ({ name: 'send_mail', arguments: { to, count: 500 } });

/** The bodies of the model's side turns: requests in which no tool may be called. */
const asidesOf = (stack: StandInStack, text: string) =>
  stack.control
    .requests()
    .filter(({ method, path }) => method === 'POST' && path.endsWith('/responses'))
    .map(({ body }) => body as { tool_choice?: unknown; store?: unknown; input?: unknown })
    .filter((body) => body.tool_choice === 'none' && JSON.stringify(body.input).includes(text));

describe.each(['responses', 'assistants'] as const)('reviewer’s question, %s', (api) => {
  let stack: StandInStack;
  let reviewer: ReviewerClient;
  /** Replies of the model's side turns, in turn. */
  let replies: Array<{ text: string } | { failed: { code: string; message: string } }> = [];
  beforeAll(async () => {
    stack = await startStandInStack([tool], { api });
    reviewer = (await signInReviewer(stack.reviewServer.url, 'rita', 'a good password')).client;
  });
  afterAll(() => stack.stop());

  async function asked(to: string) {
    const run = await stack.start([{ calls: [mail(to)] }, { text: 'ok' }]);
    stack.control.script({
      name: 'side turn',
      reply: ({ items, toolChoice }) =>
        toolChoice === 'none' && JSON.stringify(items).includes(run.text) ? replies.shift() : undefined,
    });
    const id = await run.approval();
    const shown = async () => await reviewer.call('GET /approvals/{id}', { path: { id } });
    return {
      run,
      id,
      shown,
      ask: (text: string) => reviewer.call('POST /approvals/{id}/questions', { path: { id }, body: { text } }),
      answered: (count = 1) =>
        until(`${count} answered questions`, async () => {
          const { questions } = await shown();
          return questions.filter(({ answeredAt }) => answeredAt !== null).length === count && questions;
        }),
    };
  }

  it('asked → the model answers beside the conversation, the call waits on, approval and digest unchanged', async () => {
    const { run, id, shown, ask, answered } = await asked(`ada ${api}`);
    const before = await shown();
    replies = [{ text: 'For <b>Ada</b>.' }, { text: '500 of them.' }];
    await ask('Which customer is this for?');
    expect((await answered())[0]).toMatchObject({
      text: 'Which customer is this for?',
      askedBy: 'rita',
      answer: 'For <b>Ada</b>.',
      problem: null,
    });
    await ask('How many "mails"?');
    expect((await answered(2))[1]).toMatchObject({ answer: '500 of them.' });
    const { questions: _, ...after } = await shown();
    expect({ ...after, questions: [] }).toEqual({ ...before, questions: [] });
    expect((await run.view()).calls[0]).toMatchObject({ state: 'waiting', questions: { asked: 2, open: 0 } });
    expect(ran.filter(({ args }) => args['to'] === `ada ${api}`)).toEqual([]);

    const [first, second] = asidesOf(stack, run.text);
    expect(first).toMatchObject({ store: false });
    expect(first).not.toHaveProperty('previous_response_id');
    expect(JSON.stringify(second!.input)).toContain('Earlier questions and your answers');

    await run.decide(id, { decision: 'approve' });
    await run.result();
    expect(ran.filter(({ args }) => args['to'] === `ada ${api}`)).toHaveLength(1);
    expect(JSON.stringify(await run.toldByTurn())).not.toContain('reviewer asks');
    const entries = await stack.database.transcripts.read((await run.result()).conversation!.entry);
    expect(JSON.stringify(entries)).not.toContain('Which customer');
  });

  it('model fails → “not answered” with the reason, the run keeps waiting and does not park', async () => {
    const { run, id, ask, answered } = await asked(`bob ${api}`);
    replies = [{ failed: { code: 'invalid_prompt', message: 'Not allowed.' } }];
    await ask('Who is Bob?');
    expect((await answered())[0]).toMatchObject({ answer: null, problem: expect.stringContaining('Not allowed.') });
    expect((await run.view()).state).toBe('waiting');
    await run.decide(id, { decision: 'reject' });
    await run.result();
  });

  it('forged, repeated, late and malformed Signals → no further side turn, one answer', async () => {
    const { run, id, ask, answered, shown } = await asked(`cleo ${api}`);
    const key = (await run.view()).calls[0]!.key;
    for (const hint of [undefined, 'x', {}, { callKey: 'x' }, { approvalId: 'x' }, { callKey: key }, { callKey: key }])
      await run.signal(askedSignal, hint);
    replies = [{ text: 'Cleo.' }, { text: 'somebody else' }];
    await ask('Who?');
    await answered();
    for (let index = 0; index < 5; index += 1) await run.signal(askedSignal, { approvalId: id });
    await run.decide(id, { decision: 'approve' });
    await run.result();
    expect((await shown()).questions.map(({ answer }) => answer)).toEqual(['Cleo.']);
    expect(asidesOf(stack, run.text)).toHaveLength(1);
  });
});
