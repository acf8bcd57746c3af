import { signInReviewer } from '@holdpoint/review-server/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRunStack, type RunStack } from '../support/run-stack.ts';
import { call, calling } from '../support/scripted-model.ts';
import { mailTool } from '../support/tools.ts';

const text = 'All is well. '.repeat(4400);
const { tool, ran } = mailTool({ review: { summary: () => text, justification: () => text } });

let stack: RunStack;
beforeAll(async () => {
  stack = await startRunStack([tool]);
});
afterAll(() => stack.stop());

describe('policy with texts of 57 KB', () => {
  it('the request has their beginnings, the missing length and the place of the whole; arguments are whole', async () => {
    const to = 'a'.repeat(20_000);
    const run = await stack.start([calling(call(tool.name, { to, count: 5 }, 'call_long'))]);
    const id = await run.approval();
    const { client } = await signInReviewer(stack.reviewServer.url, 'rita', 'a good password');
    const shown = await client.call('GET /approvals/{id}', { path: { id } });
    expect(shown.summary).toHaveLength(1000);
    expect(shown.summary).toMatch(/ … \[cut: 56,\d{3} of 57,200 characters; review\.summary makes all of it/);
    expect(shown.justification).toHaveLength(4000);
    expect(shown.justification).toMatch(
      / … \[cut: 53,\d{3} of 57,200 characters; review\.justification makes all of it/,
    );
    expect(shown.details).toMatchObject({ to, count: 5 });
    expect(ran).toEqual([]);
    await run.cancel();
  });
});
