import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunSettings } from '../../src/cli/connection.ts';
import { run, waiting, waitingCall } from '../gateway/fake-runs.ts';
import { commands } from './commands.ts';
import {
  EMAIL_BLAST,
  KEY,
  PASSWORDS,
  startTestServer,
  type TestServer,
} from '../../packages/review-server/test/test-server.ts';

describe('holdpoint approvals', () => {
  let server: TestServer;
  // Shared: passwords are slow to hash by design.
  beforeAll(
    async () =>
      void (server = await startTestServer('sqlite::memory:', {
        limits: { loopProtection: { identicalRequests: 1000, withinSeconds: 60 } },
      })),
  );
  afterAll(() => server.close());

  /** One open request at a review server of ours, and a reviewer's access to it. */
  async function review(details: string = JSON.stringify(EMAIL_BLAST.details)) {
    const body = JSON.stringify({ ...EMAIL_BLAST, details: 'DETAILS' }).replace('"DETAILS"', details);
    const { body: asked } = await server.post<{ id: string }>('/api/webhooks/inbound', body);
    const { authorization } = await server.bearer();
    const settings: RunSettings = { reviewUrl: server.url, reviewerToken: authorization!.slice('Bearer '.length) };
    return { id: asked.id, settings, read: async () => await server.get(`/api/approvals/${asked.id}`) };
  }

  it('list, show → the approvals of waiting runs', async () => {
    const { gateway, holdpoint } = await commands();
    expect((await holdpoint('approvals', 'list')).out).toBe('No approvals are waiting.\n');
    gateway.runs.set(waiting('run-a', waitingCall('req_1')));
    gateway.runs.set(run('run-b', { detail: null, detailMissing: 'No worker answered.' }));
    const { out, err } = await holdpoint('approvals', 'list');
    expect(out).toMatch(/req_1 +run-a +send_email_blast +\{"recipient_count":500\} .*https:\/\/review.example\/req_1/);
    expect(err).toContain('The run run-b is also waiting. No worker answered.');
    expect((await holdpoint('approvals', 'list', '--json')).json().approvals).toMatchObject([{ id: 'req_1' }]);
    expect((await holdpoint('approvals', 'show', 'req_1')).out).toContain('"recipient_count": 500');
  });

  it('approve with name, password and note → approved', async () => {
    const { id, read } = await review();
    const { holdpoint } = await commands({
      reviewUrl: server.url,
      reviewerName: 'ana',
      reviewerPassword: PASSWORDS.ana,
    });
    expect((await holdpoint('approvals', 'approve', id, '--yes', '--note', 'Verified.')).out).toBe(
      'send_email_blast: approved by ana.\n',
    );
    expect((await read()).body).toMatchObject({
      status: 'APPROVED',
      modifiedDetails: null,
      decisionNote: 'Verified.',
      decidedBy: 'ana',
    });
  });

  it('reject → rejected', async () => {
    const { settings, id, read } = await review();
    const { holdpoint } = await commands(settings);
    expect((await holdpoint('approvals', 'reject', id, '--yes', '--json')).json()).toMatchObject({
      id,
      status: 'REJECTED',
    });
    expect((await read()).body.status).toBe('REJECTED');
  });

  it('edit key=value → the other arguments unchanged, to the digit', async () => {
    const { settings, id, read } = await review('{"account":1.50,"subject":"x","recipient_count":500}');
    const { holdpoint } = await commands(settings);
    expect((await holdpoint('approvals', 'edit', id, '--yes', 'recipient_count=50', 'subject=2026')).out).toContain(
      'approved with changes by ana',
    );
    expect((await read()).text).toContain('"modifiedDetails":{"account":1.50,"subject":"2026","recipient_count":50}');
  });

  it('edit --details → all arguments replaced', async () => {
    const { settings, id, read } = await review();
    const { holdpoint } = await commands(settings);
    await holdpoint(
      'approvals',
      'edit',
      id,
      '--yes',
      '--details',
      '{"template":"t","recipient_count":1,"subject":"s"}',
    );
    expect((await read()).body.modifiedDetails).toEqual({ template: 't', recipient_count: 1, subject: 's' });
  });

  it.each([
    ['nothing to change', [], 'Give the change'],
    ['both ways at once', ['subject=x', '--details', '{}'], 'Give the change'],
    ['a word', ['subject'], '"subject" is not a change'],
    [
      'an argument that is not there',
      ['subjct=x'],
      'There is no argument "subjct". There are: template, recipient_count, subject.',
    ],
    ['a list', ['--details', '[]'], 'must be a JSON object'],
    [
      'a number that would change',
      ['recipient_count=9007199254740993'],
      'recipient_count: the number 9007199254740993',
    ],
    ['a number that would change, within', ['--details', '{"a":[-0]}'], '--details: a.0: the number -0 would become 0'],
    [
      'half a character',
      ['--details', '{"subject":"\\ud83d"}'],
      '--details: subject: the text holds half of a surrogate',
    ],
    ['half a document', ['--details', '{"a":'], '--details is not valid JSON'],
    ['only some arguments', ['--details', '{"subject":"x"}'], 'Missing: template, recipient_count'],
  ])('edit %s → the approval stays open', async (_what, words, says) => {
    const { settings, id, read } = await review();
    const { holdpoint } = await commands(settings);
    const { err, code } = await holdpoint('approvals', 'edit', id, '--yes', ...words);
    expect(code).toBe(says.startsWith('Missing') ? 1 : 2);
    expect(err).toContain(says);
    expect((await read()).body.status).toBe('PENDING');
  });

  it('already decided → unchanged, with the name of the decider', async () => {
    const { settings, id } = await review();
    await server.decide(id, { decision: 'reject' }, 'ben');
    const { holdpoint } = await commands(settings);
    const { err, code } = await holdpoint('approvals', 'approve', id);
    expect(code).toBe(1);
    expect(err).toContain('Already rejected by ben');
  });

  it('wrong or missing password → no decision, no password in the output', async () => {
    const { settings, id, read } = await review();
    const wrong = await commands({ reviewUrl: server.url, reviewerName: 'ana', reviewerPassword: 'canary-password' });
    const refused = await wrong.holdpoint('approvals', 'approve', id);
    expect(refused.err).toContain('Wrong name or password.');
    expect(refused.err).not.toContain('canary-password');
    const nobody = await commands({ reviewUrl: settings.reviewUrl });
    expect((await nobody.holdpoint('approvals', 'approve', id)).err).toContain('HOLDPOINT_REVIEWER_NAME');
    expect((await read()).body.status).toBe('PENDING');
  });

  it('ask → asked, the request stays open; show → the answer as literal text', async () => {
    const { settings, id, read } = await review();
    const { holdpoint } = await commands(settings);
    const asked = await holdpoint('approvals', 'ask', id, 'Which customer is this for?');
    expect(asked).toMatchObject({ code: 0, out: expect.stringContaining(`holdpoint approvals show ${id}`) });
    expect(asked.out).toContain('Which customer is this for?');
    expect((await read()).body.status).toBe('PENDING');
    const { json } = await holdpoint('approvals', 'show', id, '--json');
    const [question] = json().questions;
    expect(question).toMatchObject({ text: 'Which customer is this for?', askedBy: 'ana', answer: null });
    const answer = { question: question.id, answer: '\u001b[2JFor <b>Ada</b>.\u202E' };
    expect((await server.post(`/api/approvals/${id}/answers`, answer, { 'x-api-key': KEY })).status).toBe(200);
    const { out } = await holdpoint('approvals', 'show', id);
    expect(out).toContain('For <b>Ada</b>.');
    for (const each of ['\u001b', '\u202E']) expect(out).not.toContain(each);
  });

  it.each([
    ['an empty question', async () => undefined, '  ', 'empty'],
    [
      'a decided request',
      async (id: string) => void (await server.decide(id, { decision: 'reject' }, 'ben')),
      'Who?',
      'Already rejected by ben',
    ],
  ])('ask: %s → refused, exit code not 0', async (_what, before, text, says) => {
    const { settings, id } = await review();
    await before(id);
    const { holdpoint } = await commands(settings);
    const { err, code } = await holdpoint('approvals', 'ask', id, text);
    expect(code).not.toBe(0);
    expect(err).toContain(says);
  });

  it('ask without a review server → says that hosted Cheqpoint has no questions', async () => {
    const { gateway, holdpoint } = await commands();
    gateway.runs.set(waiting('a', waitingCall('req_1')));
    const { err, code } = await holdpoint('approvals', 'ask', 'req_1', 'Who?');
    expect([code, err]).toEqual([1, expect.stringContaining('Hosted Cheqpoint does not have them.')]);
  });

  it('hosted Cheqpoint → prints the link, exit code 1', async () => {
    const { gateway, holdpoint, gatewayUrl } = await commands();
    gateway.runs.set(waiting('a', waitingCall('req_1')));
    const none = await holdpoint('approvals', 'approve', 'req_1');
    expect([none.out, none.code]).toEqual(['https://review.example/req_1\n', 1]);
    // Something answers there, but it is no review server of ours.
    const hosted = await commands({ reviewUrl: gatewayUrl, reviewerToken: 'canary-token' });
    hosted.gateway.runs.set(waiting('a', waitingCall('req_1')));
    const { out, err, code } = await hosted.holdpoint('approvals', 'reject', 'req_1');
    expect([out, code]).toEqual(['https://review.example/req_1\n', 1]);
    expect(err).toContain('in the browser');
  });
});
