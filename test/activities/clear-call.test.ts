import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { changedSince } from '../../src/activities/changed-since.ts';
import { clearApproved, clearCall } from '../../src/activities/clear-call.ts';
import type { ActivityDependencies } from '../../src/activities/context.ts';
import { Policy } from '../../src/activities/review-policy.ts';
import { approvalTool } from '../../src/activities/standalone-approval.ts';
import type { SettleInput } from '../../src/domain/activities.ts';
import { callKey } from '../../src/domain/call-key.ts';
import type { Tool } from '../../src/index.ts';
import { Envelopes, type Envelope } from '../../src/signing/envelope.ts';
import { mailTool } from '../support/tools.ts';

const envelopes = new Envelopes(['a secret of thirty-two characters']);
const key = callKey({ firstRunId: 'first-run', turn: 1, position: 0, callId: 'call_1' });
const mail = { to: 'all', count: 20 };
const { tool } = mailTool({
  review: { when: ({ count }) => count > 10, risk: ({ count }) => (count > 100 ? 'high' : 'low') },
});
const holds = () => undefined;
const approved = (modified: typeof mail | object | null, removed: string[] = []) =>
  ({ args: mail, modified, removed, note: null }) as Parameters<typeof clearApproved>[1];

describe('clearApproved', () => {
  it('no edit → the approved arguments run', async () => {
    expect(await clearApproved(tool, approved(null), holds)).toEqual({ type: 'run', args: mail });
  });

  it('edit that fits → the edit runs as a whole', async () => {
    expect(await clearApproved(tool, approved({ to: 'ana', count: 2 }), holds)).toEqual({
      type: 'run',
      args: { to: 'ana', count: 2 },
    });
  });

  it('edit that the tool refuses → reviewed again as the draft of the next request', async () => {
    const edit = { to: 'all', count: 'many' };
    expect(await clearApproved(tool, approved(edit), holds)).toMatchObject({
      type: 'review',
      args: mail,
      because: expect.stringContaining('The edit does not fit the tool: count:') as string,
      draft: { edit },
    });
  });

  it('edit without an optional key that the reviewer did not name → reviewed again', async () => {
    const noted = approvalTool({ action: 'note', summary: 'Notes.' });
    const original = { to: 'ana', cc: 'bob' };
    const clear = (removed: string[]) =>
      clearApproved(noted, { args: original, modified: { to: 'ana' }, removed, note: null }, holds);
    expect(await clear([])).toMatchObject({
      type: 'review',
      because: 'The edit left out cc. An edit replaces all arguments.',
    });
    expect(await clear(['cc'])).toEqual({ type: 'run', args: { to: 'ana' } });
  });

  it('edit that the schema rewrites → reviewed again in its form', async () => {
    const { tool: trimming } = mailTool({
      parameters: z.object({ to: z.string().trim(), count: z.number() }) as never,
    });
    expect(await clearApproved(trimming, approved({ to: ' ana ', count: 2 }), holds)).toMatchObject({
      type: 'review',
      args: { to: 'ana', count: 2 },
    });
  });

  it('another reason to ask again → reviewed again with it', async () => {
    expect(await clearApproved(tool, approved(null), () => 'It changed.')).toMatchObject({
      type: 'review',
      because: 'It changed.',
    });
  });
});

describe('changedSince', () => {
  const context = { region: 'north' };
  const since = (changes: Partial<Envelope>, now: { args?: typeof mail; context?: object; tool?: Tool } = {}) => {
    const used = now.tool ?? tool;
    return changedSince(envelopes, {
      envelope: {
        callKey: key,
        definition: tool.definition,
        toolVersion: null,
        runContext: envelopes.digestContext(key, context),
        risk: 'low',
        ...changes,
      } as Envelope,
      shown: mail,
      args: now.args ?? mail,
      tool: used,
      policy: new Policy(used, { runId: 'run', assistant: 'comms', context: null }),
      context: (now.context ?? context) as typeof context,
    });
  };

  it('nothing → undefined, also with a lower risk', () => {
    expect([since({}), since({ risk: 'high' })]).toEqual([undefined, undefined]);
  });

  it('other context of the run → a reason', () => {
    expect(since({}, { context: { region: 'south' } })).toContain('The context of the run is not the one');
  });

  it('other definition of the tool → a reason', () => {
    expect(since({ definition: 'another digest' })).toContain('The tool was changed after this was approved');
  });

  it('edit that raises the risk → a reason', () => {
    expect(since({}, { args: { to: 'all', count: 500 } })).toBe('The edit raises the risk from low to high.');
  });
});

describe('clearCall: call without a request', () => {
  const clear = (count: unknown) => {
    const dependencies = {
      requests: { list: async () => [] },
      envelopes,
      now: Date.now,
    } as unknown as ActivityDependencies;
    const input = {
      context: null,
      call: { key, arguments: { type: 'inline', value: { to: 'all', count } } },
    } as unknown as SettleInput;
    return new MockActivityEnvironment(
      { workflowExecution: { workflowId: 'run', runId: 'first-run' } },
      { logger: new DefaultLogger('ERROR') },
    ).run(() =>
      clearCall(dependencies, {
        input,
        requester: { name: 'comms', connectionKey: null, tools: [tool] },
        tool,
        superseded: false,
        ahead: { rows: Promise.resolve([]), read: Promise.resolve(undefined) },
      }),
    );
  };

  it('review.when asks for a person → review, whatever the plan of the turn was', async () => {
    expect(await clear(20)).toEqual({ type: 'review', args: { to: 'all', count: 20 } });
  });

  it('review.when asks for none → runs', async () => {
    expect(await clear(2)).toMatchObject({ type: 'run', args: { to: 'all', count: 2 }, approval: null });
  });

  it('arguments that the tool refuses → the model is told', async () => {
    expect(await clear(-1)).toMatchObject({ type: 'settle', as: 'bad-arguments' });
  });
});
