import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isJsonObject, parseExactJson, type Json, type JsonObject } from '@holdpoint/json';
import { sameJson } from '@holdpoint/json/canonical';
import { type ReviewerClient, ReviewerApiError, signInReviewer } from '@holdpoint/review-server/contract';
import { defineTool } from '../../src/index.ts';
import { withoutReserved } from '@holdpoint/cheqpoint/wire-names';
import type { Envelope } from '../../src/signing/envelope.ts';
import { commands } from '../cli/commands.ts';
import { chromiumPath } from '../support/chromium.ts';
import { startRunStack, type RunStack, type StartedRun } from '../support/run-stack.ts';
import { answering, calling } from '../support/scripted-model.ts';
import { until } from '../support/until.ts';
import { openInboxPage, type InboxPage } from './inbox-page.ts';

/*
 * For any arguments, context and edits: page, terminal, API and review server show what is sealed, and the tool gets
 * what was approved last. Otherwise nothing runs, and a sentence says why. More cases, or one again:
 *
 *   PLANS=300 npx vitest run test/properties/shown.test.ts
 *   PLANS=1 SEED=… REPLAY=… npx vitest run test/properties/shown.test.ts
 */
const { PLANS = '15', SEED, REPLAY } = process.env;
const settings = {
  numRuns: Number(PLANS),
  interruptAfterTimeLimit: 60_000 + Number(PLANS) * 10_000,
  markInterruptAsFailure: true,
  // A case takes a second: shrinking would take minutes.
  endOnFailure: true,
  ...(SEED !== undefined && { seed: Number(SEED) }),
  ...(REPLAY !== undefined && { path: REPLAY }),
};

type ApprovalRecord = { details: unknown };
type Got = { args: Json; context: Json };
const got = new Map<string, Got[]>();
const pay = defineTool({
  name: 'pay',
  description: 'Pays.',
  parameters: z.object({
    text: z.string(),
    amount: z.number(),
    lines: z.array(z.string().nullable()),
    to: z.object({ name: z.string().trim(), constructor: z.boolean() }),
  }),
  effect: 'at-most-once',
  review: { context: (_args, run) => run.context as Json },
  execute: (args, { context, idempotencyKey }) => {
    got.set(idempotencyKey, [...(got.get(idempotencyKey) ?? []), { args, context: context as Json }]);
    return 'paid';
  },
});

/** Texts as JSON, some of which programs read or show in different ways. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }).map((value) => JSON.stringify(value)),
  fc.constantFrom(
    '" pad "',
    '"half \\ud83d"',
    '"a\\u202eb\\u200b"',
    '"\\u001b[2J\\n}"',
    '"\\u0000"',
    '"а = a"',
    '"e\\u0301"',
    '"U+0041"',
    '" \\n two  spaces \\n"',
    JSON.stringify('long \u200b'.repeat(400)),
  ),
);
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.constantFrom('1.50', '0.1e1', '9007199254740993', '-0', '1e400', '19.99'),
);
/** The arguments as their JSON text. At times a name stands twice, or one that the tool does not have. */
const argumentsText = fc
  .record({
    text,
    amount: number,
    lines: fc.array(fc.oneof(text, fc.constant('null')), { maxLength: 2 }),
    name: text,
    flag: fc.boolean(),
    more: fc.oneof(
      { weight: 6, arbitrary: fc.constant('') },
      fc.constantFrom(',"amount":2', ',"__proto__":{"amount":3}'),
    ),
  })
  .map(
    ({ text: words, amount, lines, name, flag, more }) =>
      `{"text":${words},"amount":${amount},"lines":[${lines.join(',')}],"to":{"name":${name},"constructor":${flag}}${more}}`,
  );
const context = fc
  .jsonValue({ maxDepth: 2, stringUnit: 'binary' })
  .map((value) => JSON.parse(JSON.stringify(value)) as Json);
const plans = fc.record({ asked: argumentsText, edit: fc.option(argumentsText), context });

describe('shown = sealed = run', () => {
  let stack: RunStack;
  let reviewer: ReviewerClient;
  let token: string;
  let inbox: InboxPage | undefined;
  beforeAll(async () => {
    stack = await startRunStack([pay], {
      review: { limits: { loopProtection: { identicalRequests: 10_000, withinSeconds: 1 } } },
    });
    ({ client: reviewer, token } = await signInReviewer(stack.reviewServer.url, 'rita', 'a good password'));
    if (chromiumPath !== undefined) inbox = await openInboxPage(stack.reviewServer.url, token);
  });
  afterAll(async () => {
    await inbox?.close();
    await stack.stop();
  });

  /** Compares the page with the record of the review service, byte for byte. Without a browser it compares nothing. */
  async function comparePage(id: string, record: ApprovalRecord, heading = 'Exactly this will run'): Promise<void> {
    if (inbox === undefined) return;
    const details = withoutReserved(record.details as JsonObject);
    expect(await inbox.read(id)).toEqual({
      heading,
      fields: JSON.stringify(details),
      json: JSON.stringify(details, null, 2),
      unseen: [],
    });
  }

  it('any arguments, context and edit', async () => {
    const { holdpoint } = await commands({ reviewUrl: stack.reviewServer.url, reviewerToken: token });

    /** The one form that all places show of a request, which is the sealed one. */
    async function shownOf(
      id: string,
      key: string,
    ): Promise<{ args: JsonObject; context: Json; because: string | null }> {
      const record = await reviewer.call('GET /approvals/{id}', { path: { id } });
      const inTerminal = /^Call: pay\n([\s\S]*?\n {2}\})\n/.exec((await holdpoint('approvals', 'show', id)).out)?.[1];
      const byGateway = await until('the gateway lists it', () =>
        stack.holdpoint.approvals.get(id).catch(() => undefined),
      );
      const row = (await stack.database.requests.list(key)).find((each) => each.id === id);
      const sealed = stack.dependencies.envelopes.open(row?.request.details ?? {});
      const envelope = sealed?.envelope as Envelope;
      const args = sealed?.args as JsonObject;
      const places = [
        withoutReserved(record.details as JsonObject),
        JSON.parse(inTerminal ?? 'null') as Json,
        byGateway.arguments,
      ];
      expect(places.filter((place) => !sameJson(place, args))).toEqual([]);
      expect([record.context, byGateway.context].filter((place) => !sameJson(place as Json, envelope.context))).toEqual(
        [],
      );
      expect(record.shown).toBe(byGateway.shown);
      await comparePage(id, record);
      return { args, context: envelope.context, because: envelope.because };
    }

    /** Decides as planned; true if the edit was taken. A refused edit leaves the request open, with a sentence. */
    async function decide(id: string, edit: string | null): Promise<boolean> {
      if (edit === null)
        return (
          await reviewer.call('POST /approvals/{id}/decide', { path: { id }, body: { decision: 'approve' } }),
          false
        );
      const response = await fetch(`${stack.reviewServer.url}/reviewer-api/approvals/${id}/decide`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: `{"decision":"approve","modifiedDetails":${edit}}`,
      });
      if (response.ok) return true;
      expect(response.status).toBe(400);
      expect(((await response.json()) as { error: string }).error).toMatch(/\S.*\.$/);
      expect((await reviewer.call('GET /approvals/{id}', { path: { id } })).status).toBe('PENDING');
      return false;
    }

    const nextOf = (run: StartedRun, seen: readonly string[], isOver: () => boolean) =>
      until('a request, or the end', async (): Promise<{ id: string; key: string } | 'ended' | undefined> => {
        if (isOver()) return 'ended';
        const [call] = (await run.view()).calls;
        const id = call?.state === 'waiting' ? call.approval?.id : undefined;
        return call && id !== undefined && !seen.includes(id) ? { id, key: call.key } : undefined;
      });

    await fc.assert(
      fc.asyncProperty(plans, async ({ asked, edit, context: given }) => {
        const callId = `call_${crypto.randomUUID()}`;
        const script = [calling({ callId, name: 'pay', arguments: asked }), answering('done')];
        const run = await stack.start(script, { context: given });
        const seen: string[] = [];
        let approved: Json | undefined;
        let open = edit;
        let over = false;
        void run.result().finally(() => (over = true));
        const isOver = () => over;
        for (let next = await nextOf(run, seen, isOver); next !== 'ended'; next = await nextOf(run, seen, isOver)) {
          expect(seen.length).toBeLessThan(4);
          seen.push(next.id);
          const shown = await shownOf(next.id, next.key);
          expect(sameJson(shown.context, given)).toBe(true);
          // Asked again: a sentence says why.
          must(seen.length === 1 || /\S.*\.$/.test(shown.because ?? ''), 'it is asked again without a reason');
          const taken = await decide(next.id, open);
          if (open !== null && !taken) await decide(next.id, null);
          approved = taken ? (parseExactJson(open as string) as Json) : shown.args;
          open = null;
        }
        await run.result();
        const acts = [...got].filter(([key]) => key.endsWith(callId)).flatMap(([, each]) => each);
        if (approved === undefined) {
          must(acts.length === 0, 'it ran without an approval');
          must(
            /^Invalid arguments for "pay": \S.*\.$/s.test(run.told().join()),
            `the model was told: ${run.told().join()}`,
          );
          return;
        }
        expect(acts).toHaveLength(1);
        expect(isJsonObject(approved) && sameJson(acts[0]!.args, JSON.parse(JSON.stringify(approved)) as Json)).toBe(
          true,
        );
        expect(sameJson(acts[0]!.context, given)).toBe(true);
      }),
      settings,
    );
  }, 3_600_000);

  it('any details without a schema: keys are removed by name, or nothing is decided', async () => {
    const details = fc.dictionary(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }),
      fc.jsonValue({ maxDepth: 1, stringUnit: 'binary' }),
      { minKeys: 1, maxKeys: 4 },
    );
    await fc.assert(
      fc.asyncProperty(details, fc.nat(), fc.boolean(), async (value, which, named) => {
        const given = JSON.parse(JSON.stringify(value)) as JsonObject;
        fc.pre(!Object.hasOwn(given, 'holdpoint'));
        const removed = Object.keys(given)[which % Object.keys(given).length]!;
        const approval = await stack.holdpoint.approvals.request({ action: 'try', summary: 'Try.', details: given });
        const id = await stack.attach(approval.id).approval();
        // Nothing runs for it.
        await comparePage(id, await reviewer.call('GET /approvals/{id}', { path: { id } }), 'Exact arguments');
        const rest = Object.fromEntries(Object.entries(given).filter(([key]) => key !== removed));
        const deciding = reviewer.call('POST /approvals/{id}/decide', {
          path: { id },
          body: { decision: 'approve', modifiedDetails: rest, ...(named && { removed: [removed] }) },
        });
        if (!named) {
          const refusal: unknown = await deciding.catch((error: unknown) => error);
          must(refusal instanceof ReviewerApiError, 'a key left out was accepted');
          must((await reviewer.call('GET /approvals/{id}', { path: { id } })).status === 'PENDING', 'it is decided');
          return await approval.cancel().then(() => undefined);
        }
        await deciding;
        const { output } = await stack.attach(approval.id).result();
        const sealed = (output as { value?: string }).value ?? '';
        const { decision } = JSON.parse(sealed) as { decision: { outcome: string; details: Json } };
        expect(decision).toMatchObject({ outcome: 'approved' });
        expect(sameJson(decision.details, rest)).toBe(true);
      }),
      { ...settings, numRuns: Math.ceil(settings.numRuns / 2) },
    );
  }, 3_600_000);
});

function must(holds: boolean, says: string): void {
  if (!holds) throw new Error(says);
}
