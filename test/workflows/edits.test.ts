import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTool } from '../../src/index.ts';
import { parseExactJson, type Json, type JsonObject } from '@holdpoint/json';
import { retrySignal } from '../../src/domain/wire-names.ts';
import { startRunStack, type RunStack, type StartedRun } from '../support/run-stack.ts';
import { call, calling } from '../support/scripted-model.ts';
import { startHostedCheqpoint, type HostedCheqpoint } from '../support/hosted-cheqpoint.ts';
import { askingTool, mailTool, type Ran } from '../support/tools.ts';
import { until } from '../support/until.ts';

const mail = { to: 'all', count: 500 };
const plain = mailTool();
const merging = mailTool({ name: 'merging', edits: 'merge' });
const risky = mailTool({ name: 'risky', review: { risk: ({ count }) => (count > 1000 ? 'critical' : 'medium') } });
const quiet = mailTool({ name: 'quiet', noteToModel: false });
const asking = askingTool({ name: 'asking' });
const texting = defineTool({
  name: 'texting',
  description: 'Answers in text.',
  parameters: z.object({ a: z.string() }),
  effect: 'at-most-once',
  review: 'always',
  execute: () => 'plain text',
});
const tidied: Ran[] = [];
const tidying = defineTool({
  name: 'tidying',
  description: 'Tidies what it takes.',
  parameters: z.object({
    name: z.string().trim().min(1),
    mail: z.string().toLowerCase(),
    seats: z.coerce.number().int().max(10),
    code: z.string().overwrite((text) => text.replaceAll(' ', '')),
    rest: z.object({ note: z.string().trim() }),
  }),
  effect: 'at-most-once',
  review: 'always',
  execute: (args, { idempotencyKey, attempt }) => {
    tidied.push({ args, idempotencyKey, attempt });
    return 'done';
  },
});
const restless = defineTool({
  name: 'restless',
  description: 'Changes its arguments each time.',
  parameters: z.object({ text: z.string().overwrite((text) => (text.startsWith('x') ? `${text}!` : text)) }),
  effect: 'at-most-once',
  review: 'always',
  execute: () => 'done',
});
let stack: RunStack;
let hosted: HostedCheqpoint;
// Our review server refuses most of these edits at the door, so they come from a service that takes everything.
beforeAll(async () => {
  hosted = await startHostedCheqpoint();
  stack = await startRunStack([plain.tool, merging.tool, risky.tool, quiet.tool, asking, texting, tidying, restless], {
    cheqpointUrl: hosted.url,
  });
});
afterAll(async () => {
  await stack.stop();
  await hosted.close();
});

const wire = (id: string): JsonObject | undefined => hosted.requests.find((request) => request.id === id)?.body.details;
const decide = async (
  id: string,
  {
    decision,
    modifiedDetails = null,
    note = null,
  }: { decision: 'approve' | 'reject'; modifiedDetails?: JsonObject | null; note?: string | null },
) => {
  hosted.show(id, {
    status: decision === 'approve' ? 'APPROVED' : 'REJECTED',
    modifiedDetails,
    decisionNote: note,
    decidedAt: new Date().toISOString(),
  });
  await hosted.callBack(id);
};
const next = (run: StartedRun, before: string) =>
  until('it is asked again', async () => {
    const id = await run.approval();
    return id !== before && id;
  });

describe.concurrent("a reviewer's edit", () => {
  it('a key left out → reviewed again with the rest', async () => {
    const run = await stack.start([calling(call('send_mail', mail, 'call_partial'))]);
    const first = await run.approval();
    await decide(first, { decision: 'approve', modifiedDetails: { count: 20 } });
    const second = await next(run, first);
    expect(wire(second)).toMatchObject({ ...mail, holdpoint: { number: 2, because: expect.stringContaining('to') } });
    await decide(second, { decision: 'approve' });
    await run.result();
    expect(
      plain.ran.filter(({ idempotencyKey }) => idempotencyKey.endsWith('call_partial')).map(({ args }) => args),
    ).toEqual([mail]);
    expect(run.told()).toEqual(['{"sent":500}']);
  });

  it('edits: merge → may hold only the changed keys', async () => {
    const run = await stack.start([calling(call('merging', mail))]);
    await decide(await run.approval(), { decision: 'approve', modifiedDetails: { count: 20 } });
    await run.result();
    expect(merging.ran.map(({ args }) => args)).toEqual([{ to: 'all', count: 20 }]);
    expect(run.told()).toEqual(['{"result":{"sent":20},"changedByReviewer":{"count":{"from":500,"to":20}}}']);
  });

  it.each([
    ['against the schema', { to: 'all', count: -3 }, 'count'],
    ['of another type', { to: 7, count: 3 }, 'to'],
  ])('%s → reviewed again with the original arguments', async (_what, modifiedDetails, because) => {
    const run = await stack.start([calling(call('send_mail', { to: `schema ${because}`, count: 100 }))]);
    const first = await run.approval();
    await decide(first, { decision: 'approve', modifiedDetails });
    const second = await next(run, first);
    expect(wire(second)).toMatchObject({
      to: `schema ${because}`,
      count: 100,
      holdpoint: { because: expect.stringContaining(because) },
    });
    await decide(second, { decision: 'reject' });
    await run.result();
    expect(plain.ran.filter(({ args }) => args['to'] === `schema ${because}`)).toEqual([]);
  });

  it('raises the risk → reviewed again, then run and told as a change', async () => {
    const run = await stack.start([calling(call('risky', mail))]);
    const first = await run.approval();
    await decide(first, { decision: 'approve', modifiedDetails: { to: 'all', count: 5000 } });
    const second = await next(run, first);
    expect(wire(second)).toMatchObject({
      count: 5000,
      holdpoint: { risk: 'critical', because: 'The edit raises the risk from medium to critical.' },
    });
    // The run remembers the arguments of the model. The gateway shows those of the new request.
    expect((await run.view()).calls[0]?.arguments).toEqual({ type: 'inline', value: mail });
    const shown = await until('the new request is listed', () =>
      stack.holdpoint.approvals.get(second).catch(() => undefined),
    );
    expect(shown).toMatchObject({
      id: second,
      arguments: { to: 'all', count: 5000 },
      riskLevel: 'critical',
      request: 2,
    });
    expect(risky.ran).toEqual([]);
    await decide(second, { decision: 'approve' });
    await run.result();
    expect(run.told()).toEqual(['{"result":{"sent":5000},"changedByReviewer":{"count":{"from":500,"to":5000}}}']);
  });

  it('equal to the arguments → no edit, in any order of keys', async () => {
    const run = await stack.start([calling(call('send_mail', mail))]);
    await decide(await run.approval(), { decision: 'approve', modifiedDetails: { count: 500, to: 'all' } });
    await run.result();
    expect(run.told()).toEqual(['{"sent":500}']);
  });

  it('forged `holdpoint` key → dropped', async () => {
    const run = await stack.start([calling(call('send_mail', mail))]);
    await decide(await run.approval(), {
      decision: 'approve',
      modifiedDetails: { ...mail, count: 30, holdpoint: { tool: 'risky', risk: 'low' } },
    });
    await run.result();
    expect(run.told()).toEqual(['{"result":{"sent":30},"changedByReviewer":{"count":{"from":500,"to":30}}}']);
  });
});

const guest = { name: 'Ana', mail: 'ana@example.org', seats: 1, code: 'a1', rest: { note: 'n' } };

describe.concurrent('arguments that the tool takes in another form', () => {
  it.each<[string, Partial<typeof guest> | { seats: Json }, Partial<typeof guest>, string]>([
    ['.trim()', { name: 'Ana B. ' }, { name: 'Ana B.' }, 'name "Ana B. " becomes "Ana B."'],
    [
      '.toLowerCase()',
      { mail: 'Ana@Example.org' },
      { mail: 'ana@example.org' },
      'mail "Ana@Example.org" becomes "ana@example.org"',
    ],
    ['z.coerce', { seats: '3' }, { seats: 3 }, 'seats "3" becomes 3'],
    ['.overwrite()', { code: 'a b' }, { code: 'ab' }, 'code "a b" becomes "ab"'],
    ['.trim() within', { rest: { note: ' m' } }, { rest: { note: 'm' } }, 'rest {"note":" m"} becomes {"note":"m"}'],
    ['unknown key', { cc: 'eve' } as object, {}, 'cc "eve" is dropped'],
  ])('%s → asked again with them, and exactly these run', async (what, change, taken, says) => {
    const callId = `call_tidy_${what.replaceAll(/\W/g, '')}`;
    const run = await stack.start([calling(call('tidying', { ...guest, name: callId }, callId))]);
    const first = await run.approval();
    const edit = { ...guest, name: callId, seats: 2, ...change };
    await decide(first, { decision: 'approve', modifiedDetails: edit, note: 'as discussed' });
    const second = await next(run, first);
    const wanted = { ...guest, name: callId, seats: 2, ...taken };
    expect(wire(second)).toEqual({
      ...wanted,
      holdpoint: expect.objectContaining({
        because: `The tool takes other arguments: ${says}. The note was: "as discussed".`,
        draft: { edit: null, note: 'as discussed' },
      }) as unknown,
    });
    expect(tidied.filter(({ idempotencyKey }) => idempotencyKey.endsWith(callId))).toEqual([]);
    await decide(second, { decision: 'approve' });
    await run.result();
    expect(tidied.filter(({ idempotencyKey }) => idempotencyKey.endsWith(callId)).map(({ args }) => args)).toEqual([
      wanted,
    ]);
  });

  it('edit that the tool refuses → the draft of the next request', async () => {
    const run = await stack.start([calling(call('tidying', guest, 'call_draft'))]);
    const first = await run.approval();
    const edit = { ...guest, name: ' Zoe', seats: 99 };
    await decide(first, { decision: 'approve', modifiedDetails: edit });
    const second = await next(run, first);
    expect(wire(second)).toMatchObject({
      ...guest,
      holdpoint: {
        because: expect.stringMatching(/^The edit does not fit the tool: seats: .*The edit was: {"name":" Zoe",/),
        draft: { edit, note: null },
      },
    });
    await decide(second, { decision: 'reject' });
    await run.result();
  });

  it('schema that never gives the same → the model is told, or the edit is sent back; nothing runs', async () => {
    const run = await stack.start([
      calling(call('restless', { text: 'x' })),
      calling(call('restless', { text: 'a' }, 'call_restless')),
    ]);
    const first = await run.approval();
    expect(run.told()).toEqual([
      'Invalid arguments for "restless": arguments: the tool\'s schema changes them each time it parses them.',
    ]);
    await decide(first, { decision: 'approve', modifiedDetails: { text: 'x1' } });
    const second = await next(run, first);
    expect(wire(second)).toMatchObject({
      text: 'a',
      holdpoint: { because: expect.stringContaining('changes them each time'), draft: { edit: { text: 'x1' } } },
    });
    await decide(second, { decision: 'reject' });
    await run.result();
  });
});

describe.concurrent('an approval with arguments that are not exact', () => {
  it.each<[string, Json, string]>([
    ['number', parseExactJson('9007199254740993') as Json, 'the number 9007199254740993 would become'],
    ['text', 'half \ud83d', 'half of a surrogate pair'],
  ])('%s → parked; after `runs retry` a person decides again', async (what, value, says) => {
    const callId = `call_inexact_${what}`;
    const run = await stack.start([calling(call('send_mail', mail, callId))]);
    const first = await run.approval();
    await decide(first, { decision: 'approve', modifiedDetails: { to: 'all', count: value } });
    const parked = await until('it is parked', async () => (await run.view())?.parked[0]);
    expect(parked).toMatchObject({
      type: 'ReviewUnreadable',
      message: expect.stringMatching(new RegExp(`modifiedDetails\\.count: .*${says}`)),
    });
    await run.signal(retrySignal);
    const second = await next(run, first);
    expect(wire(second)).toMatchObject({ ...mail, holdpoint: { because: expect.stringContaining(says) } });
    await decide(second, { decision: 'approve' });
    await run.result();
    expect(plain.ran.filter(({ idempotencyKey }) => idempotencyKey.endsWith(callId)).map(({ args }) => args)).toEqual([
      mail,
    ]);
  });
});

describe.concurrent('output for the model', () => {
  it('tool without execute → success, with the arguments only after an edit', async () => {
    const run = await stack.start([calling(call('asking', mail)), calling(call('asking', mail))]);
    const first = await run.approval();
    await decide(first, { decision: 'approve' });
    await decide(await next(run, first), { decision: 'approve', modifiedDetails: { to: 'all', count: 1 } });
    await run.result();
    expect(run.told()).toEqual(['{"success":true}', '{"success":true,"to":"all","count":1}']);
  });

  it("a tool's text → unchanged", async () => {
    const run = await stack.start([calling(call('texting', { a: 'b' }))]);
    await decide(await run.approval(), { decision: 'approve' });
    await run.result();
    expect(run.told()).toEqual(['plain text']);
  });

  it('noteToModel: false → no note', async () => {
    const run = await stack.start([calling(call('quiet', mail))]);
    await decide(await run.approval(), { decision: 'reject', note: 'Between us: fraud' });
    await run.result();
    expect(run.told()).toEqual(['Security system denied this specific action.']);
  });
});
