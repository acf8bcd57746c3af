import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunSettings } from '../../src/cli/connection.ts';
import { Interrupted } from '../../src/cli/run-io.ts';
import type { Run } from '../../src/client.ts';
import { completed, run, waiting, waitingCall } from '../gateway/fake-runs.ts';
import { apiKey } from '../gateway/test-gateway.ts';
import { commands } from './commands.ts';
import {
  EMAIL_BLAST,
  PASSWORDS,
  startTestServer,
  type TestServer,
} from '../../packages/review-server/test/test-server.ts';

const decided = (state: Run['state'], outcome: 'approved' | 'rejected'): Run => {
  const call = {
    ...waitingCall('req_1'),
    state: 'done' as const,
    settledAs: outcome === 'approved' ? ('ran' as const) : ('rejected' as const),
    decision:
      outcome === 'approved'
        ? { outcome, by: 'person' as const, decidedAt: null, edited: true }
        : { outcome, by: 'person' as const, decidedAt: null },
  };
  return { ...waiting('a', call), state };
};

describe('holdpoint run', () => {
  it('tells turns, calls, who must decide, what was decided, and the answer', async () => {
    const { gateway, holdpoint, said } = await commands();
    const running = holdpoint(
      'run',
      'Tell all customers.',
      '--assistant',
      'comms',
      '--id',
      'a',
      '--context',
      '{"user":"ana"}',
    );
    await expect.poll(() => said.err).toContain('Turn 1');
    gateway.runs.set(waiting('a', waitingCall('req_1')));
    await expect.poll(() => said.err).toContain('waiting for a person: https://review.example/req_1');
    gateway.runs.set(decided('running', 'approved'));
    await expect.poll(() => said.err).toContain('approved with changes by a person');
    gateway.runs.set(completed('a', 'All told.'));
    const { out, err, code } = await running;
    expect([out, code]).toEqual(['All told.\n', 0]);
    expect(err).toContain('send_email_blast {"recipient_count":500}');
    expect(err).toContain('Completed: 2 turns, 1 tool call.');
    expect(err).not.toContain('The run is closed.');
    expect(gateway.runs.created.get('a')).toMatchObject({
      assistant: 'comms',
      input: 'Tell all customers.',
      context: { user: 'ana' },
    });
  });

  it('tells that a call was decided also when the next turn had begun before it looked again', async () => {
    const { gateway, holdpoint, said } = await commands();
    gateway.runs.set(waiting('a', waitingCall('req_1')));
    const watching = holdpoint('runs', 'watch', 'a');
    await expect.poll(() => said.err).toContain('waiting for a person');
    gateway.runs.set(run('a', { detail: { state: 'running', turn: 2, calls: [], parked: [], queuedMessages: 0 } }));
    await expect.poll(() => said.err).toContain('send_email_blast: decided and settled\nTurn 2');
    gateway.runs.set(completed('a', 'Done.'));
    await watching;
  });

  it('prints one document with --json: the run as it ended', async () => {
    const { gateway, holdpoint, said } = await commands();
    const running = holdpoint('run', 'Hello', '--assistant', 'comms', '--id', 'a', '--json');
    await expect.poll(() => said.err).toContain('Turn 1');
    gateway.runs.set(completed('a', 'Hi.'));
    const { out, code, json } = await running;
    expect([out.trim().split('\n').length, json(), code]).toEqual([1, completed('a', 'Hi.'), 0]);
  });

  it('leaves with --detach, printing the id', async () => {
    const { holdpoint } = await commands();
    expect((await holdpoint('run', 'Hello', '--assistant', 'comms', '--id', 'mine', '--detach')).out).toBe('mine\n');
    expect(
      (await holdpoint('run', 'Hello', '--assistant', 'comms', '--id', 'mine', '--detach', '--json')).json(),
    ).toMatchObject({ id: 'mine', state: 'running' });
  });

  it.each([
    ['failed', { type: 'MaxTurnsExceeded', message: 'After 50 turns.' }, 'MaxTurnsExceeded: After 50 turns.'],
    ['cancelled', null, 'was cancelled'],
  ] as const)('ends with exit code 1 when the run has %s', async (state, failure, says) => {
    const { gateway, holdpoint } = await commands();
    gateway.runs.set({ ...completed('a', ''), state, failure, output: null });
    const { out, err, code } = await holdpoint('runs', 'watch', 'a');
    expect([out, code]).toEqual(['', 1]);
    expect(err).toContain(says);
  });

  it('stops watching on Ctrl-C and says how to come back; the run goes on', async () => {
    const { holdpoint, said, interrupt, gateway } = await commands();
    const running = holdpoint('run', 'Hello', '--assistant', 'comms', '--id', 'a');
    await expect.poll(() => said.err).toContain('Turn 1');
    interrupt.abort(new Interrupted());
    const { err, code } = await running;
    expect(code).toBe(130);
    expect(err).toContain('The run goes on: holdpoint runs watch a');
    expect(gateway.runs.orders).toEqual([]);
  });

  it('lets nothing that a model wrote steer the terminal', async () => {
    const { gateway, holdpoint } = await commands();
    gateway.runs.set(completed('a', 'red \u001B[31m\u009B2J alert'));
    const { out } = await holdpoint('runs', 'watch', 'a');
    expect(out).toBe('red \uFFFD[31m\uFFFD2J alert\n');
  });
});

describe('holdpoint runs', () => {
  it('are listed as a table, or as a document', async () => {
    const { gateway, holdpoint } = await commands();
    expect((await holdpoint('runs', 'list')).out).toBe('No runs.\n');
    gateway.runs.set(run('run-a', { state: 'parked' }));
    const { out } = await holdpoint('runs', 'list', '--state', 'parked', '--assistant', 'comms', '--limit', '3');
    expect(out).toMatch(/run +state +assistant +started +input/);
    expect(out).toMatch(/run-a +parked +comms +2026-11-22T10:00:00.000Z +Tell all customers/);
    expect(gateway.runs.filters.at(-1)).toEqual({ state: 'parked', assistant: 'comms', limit: 3 });
    expect((await holdpoint('runs', 'list', '--json')).json()).toMatchObject({
      runs: [{ id: 'run-a' }],
      nextPageToken: null,
    });
  });

  it('are shown with what they wait for, and why they are parked', async () => {
    const { gateway, holdpoint } = await commands();
    const parked = {
      type: 'QuotaExhausted' as const,
      message: 'No quota.',
      since: '2026-11-22T10:00:00.000Z',
      callKey: null,
    };
    gateway.runs.set(
      run('a', {
        state: 'parked',
        detail: { state: 'parked', turn: 3, calls: [waitingCall('req_1')], parked: [parked], queuedMessages: 0 },
      }),
    );
    const { out } = await holdpoint('runs', 'show', 'a');
    for (const text of [
      'parked',
      'Turn 3',
      'send_email_blast',
      'https://review.example/req_1',
      'QuotaExhausted: No quota.',
      'holdpoint runs retry a',
    ])
      expect(out).toContain(text);
    expect((await holdpoint('runs', 'show', 'a', '--json')).json()).toEqual(gateway.runs.runs.get('a'));
  });

  it('stream a line per change with watch --json', async () => {
    const { gateway, holdpoint, said } = await commands();
    gateway.runs.set(run('a'));
    const watching = holdpoint('runs', 'watch', 'a', '--json');
    await expect.poll(() => said.out).toContain('running');
    gateway.runs.set(waiting('a', waitingCall('req_1')));
    await expect.poll(() => said.out).toContain('waiting');
    gateway.runs.set(completed('a', 'Done.'));
    const lines = (await watching).out
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as Run).state);
    expect(lines).toEqual(['running', 'waiting', 'completed']);
  });

  it('take orders', async () => {
    const { gateway, holdpoint } = await commands();
    gateway.runs.set(run('a', { state: 'parked' }));
    expect((await holdpoint('runs', 'retry', 'a')).out).toContain('told to go on');
    expect((await holdpoint('runs', 'cancel', 'a', '--json')).json()).toEqual({ id: 'a', ordered: 'cancel' });
    expect(gateway.runs.orders).toEqual(['retry a', 'cancel a']);
  });

  it('are talked to, and show what waits for the next turn', async () => {
    const { gateway, holdpoint } = await commands();
    gateway.runs.set(run('a', { detail: { state: 'running', turn: 1, calls: [], parked: [], queuedMessages: 2 } }));
    expect((await holdpoint('runs', 'message', 'a', 'Hurry.')).out).toBe('The run a is told with its next turn.\n');
    expect(
      (await holdpoint('runs', 'message', 'a', 'No.', '--supersede', '--idempotency-key', 'k', '--json')).json(),
    ).toEqual({ id: 'a', ordered: 'message' });
    expect(gateway.runs.said).toMatchObject([
      { text: 'Hurry.', whenWaiting: 'queue' },
      { text: 'No.', whenWaiting: 'supersede' },
    ]);
    expect((await holdpoint('runs', 'show', 'a')).out).toContain('2 messages go to the model with the next turn');
  });

  it('that have completed are continued, with their assistant', async () => {
    const { gateway, holdpoint } = await commands();
    gateway.runs.set(completed('a', 'Done.'));
    expect((await holdpoint('run', 'And?', '--continue-from', 'a', '--id', 'b', '--detach')).out).toBe('b\n');
    expect(gateway.runs.created.get('b')).toMatchObject({ assistant: 'comms', continueFrom: 'a' });
  });
});

describe('what goes wrong is a line on standard error and exit code 1, or 2 where the command itself was wrong', () => {
  it.each([
    ['an unknown run', 1, ['runs', 'show', 'none'], 'There is no run "none".'],
    [
      'an approval that nobody asked for',
      1,
      ['approvals', 'show', 'none'],
      'No open run waits for the approval "none".',
    ],
    [
      'a context that is no JSON',
      2,
      ['run', 'x', '--assistant', 'a', '--context', '{user'],
      '--context is not valid JSON',
    ],
    ['nobody to ask', 2, ['run', 'x'], 'Say who is asked: --assistant NAME, or --continue-from RUN.'],
    ['a message to a run that has ended', 1, ['runs', 'message', 'none', 'x'], 'There is no run "none"'],
    ['a wrong key', 1, ['runs', 'list', '--api-key', 'wrong'], 'The API key is not one of this gateway.'],
    [
      'an address that is none',
      2,
      ['runs', 'list', '--gateway-url', 'nowhere', '--api-key', 'k'],
      'must begin with http',
    ],
    ['a gateway that is not there', 1, ['runs', 'list', '--gateway-url', 'http://127.0.0.1:1'], "can't be reached"],
  ])('%s', async (_what, exitCode, words, says) => {
    const { holdpoint } = await commands();
    const { out, err, code } = await holdpoint(...words);
    expect([out, code]).toEqual(['', exitCode]);
    expect(err).toContain(says);
    expect(err).not.toContain(apiKey);
  });

  it('no key at all, with what to do', async () => {
    const { holdpoint } = await commands({ apiKey: undefined, gatewayUrl: undefined });
    expect((await holdpoint('runs', 'list')).err).toContain('npx holdpoint dev');
  });

  it('a state that is none, by the parser', async () => {
    const { holdpoint, said } = await commands();
    await expect(holdpoint('runs', 'list', '--state', 'odd')).rejects.toThrow('odd');
    expect(said.err).toContain('running, waiting, parked');
  });
});

describe('the stack that runs here', () => {
  it('is found without any setting, and its key goes to no other gateway', async () => {
    const first = await commands();
    const running = {
      gateway: { url: first.gatewayUrl, apiKey },
      reviewServer: { url: 'http://127.0.0.1:1', reviewerToken: null },
    };
    const { holdpoint } = await commands({ apiKey: undefined, gatewayUrl: undefined, running });
    expect((await holdpoint('runs', 'list')).code).toBe(0);
    const elsewhere = await holdpoint('runs', 'list', '--gateway-url', 'http://127.0.0.1:1');
    expect(elsewhere.err).toContain('No API key for the gateway at http://127.0.0.1:1');
  });
});

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

  it('are listed and shown as runs wait for them', async () => {
    const { gateway, holdpoint } = await commands();
    expect((await holdpoint('approvals', 'list')).out).toBe('Nothing waits for a person.\n');
    gateway.runs.set(waiting('run-a', waitingCall('req_1')));
    gateway.runs.set(run('run-b', { detail: null, detailMissing: 'No worker answered.' }));
    const { out, err } = await holdpoint('approvals', 'list');
    expect(out).toMatch(/req_1 +run-a +send_email_blast +\{"recipient_count":500\} .*https:\/\/review.example\/req_1/);
    expect(err).toContain('The run run-b waits too. No worker answered.');
    expect((await holdpoint('approvals', 'list', '--json')).json().approvals).toMatchObject([{ id: 'req_1' }]);
    expect((await holdpoint('approvals', 'show', 'req_1')).out).toContain('"recipient_count": 500');
  });

  it('are approved by who signs in with name and password, with a note', async () => {
    const { id, read } = await review();
    const { holdpoint } = await commands({
      reviewUrl: server.url,
      reviewerName: 'ana',
      reviewerPassword: PASSWORDS.ana,
    });
    expect((await holdpoint('approvals', 'approve', id, '--note', 'Verified.')).out).toBe(
      'send_email_blast: approved by ana.\n',
    );
    expect((await read()).body).toMatchObject({
      status: 'APPROVED',
      modifiedDetails: null,
      decisionNote: 'Verified.',
      decidedBy: 'ana',
    });
  });

  it('are rejected', async () => {
    const { settings, id, read } = await review();
    const { holdpoint } = await commands(settings);
    expect((await holdpoint('approvals', 'reject', id, '--json')).json()).toMatchObject({ id, status: 'REJECTED' });
    expect((await read()).body.status).toBe('REJECTED');
  });

  it('are edited by single changes, which leave the rest as it was, to the digit', async () => {
    const { settings, id, read } = await review('{"account":12345678901234567890,"subject":"x","recipient_count":500}');
    const { holdpoint } = await commands(settings);
    expect((await holdpoint('approvals', 'edit', id, 'recipient_count=50', 'subject=2026')).out).toContain(
      'approved with changes by ana',
    );
    expect((await read()).text).toContain(
      '"modifiedDetails":{"account":12345678901234567890,"subject":"2026","recipient_count":50}',
    );
  });

  it('are edited as a whole', async () => {
    const { settings, id, read } = await review();
    const { holdpoint } = await commands(settings);
    await holdpoint('approvals', 'edit', id, '--details', '{"template":"t","recipient_count":1,"subject":"s"}');
    expect((await read()).body.modifiedDetails).toEqual({ template: 't', recipient_count: 1, subject: 's' });
  });

  it.each([
    ['nothing to change', [], 'Say what to change'],
    ['both ways at once', ['subject=x', '--details', '{}'], 'Say what to change'],
    ['a word', ['subject'], '"subject" is no change'],
    [
      'an argument that is not there',
      ['subjct=x'],
      'There is no argument "subjct". There are: template, recipient_count, subject.',
    ],
    ['a list', ['--details', '[]'], 'must be a JSON object'],
    ['half a document', ['--details', '{"a":'], '--details is not valid JSON'],
    ['only some arguments', ['--details', '{"subject":"x"}'], 'Missing: template, recipient_count'],
  ])('stay open when an edit is %s', async (_what, words, says) => {
    const { settings, id, read } = await review();
    const { holdpoint } = await commands(settings);
    const { err, code } = await holdpoint('approvals', 'edit', id, ...words);
    expect(code).toBe(says.startsWith('Missing') ? 1 : 2);
    expect(err).toContain(says);
    expect((await read()).body.status).toBe('PENDING');
  });

  it('that are decided already stay so, and say by whom', async () => {
    const { settings, id } = await review();
    await server.decide(id, { decision: 'reject' }, 'ben');
    const { holdpoint } = await commands(settings);
    const { err, code } = await holdpoint('approvals', 'approve', id);
    expect(code).toBe(1);
    expect(err).toContain('Already rejected by ben');
  });

  it('need a reviewer: a wrong password or none decides nothing, and no password is shown', async () => {
    const { settings, id, read } = await review();
    const wrong = await commands({ reviewUrl: server.url, reviewerName: 'ana', reviewerPassword: 'canary-password' });
    const refused = await wrong.holdpoint('approvals', 'approve', id);
    expect(refused.err).toContain('Wrong name or password.');
    expect(refused.err).not.toContain('canary-password');
    const nobody = await commands({ reviewUrl: settings.reviewUrl });
    expect((await nobody.holdpoint('approvals', 'approve', id)).err).toContain('HOLDPOINT_REVIEWER_NAME');
    expect((await read()).body.status).toBe('PENDING');
  });

  it('at hosted Cheqpoint are decided in the browser: the link is printed, with exit code 1', async () => {
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
