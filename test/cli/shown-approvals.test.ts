import { serve, type ServerType } from '@hono/node-server';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { RunSettings } from '../../src/cli/connection.ts';
import { startTestServer, type TestServer } from '../../packages/review-server/test/test-server.ts';
import { waiting, waitingCall } from '../gateway/fake-runs.ts';
import { commands } from './commands.ts';

const outcome = {
  action: 'refund:outcome-unknown',
  summary: 'Did "refund" happen?',
  details: {
    outcome: 'happened',
    holdpoint: { kind: 'outcome', tool: 'refund', context: { tool: 'refund', arguments: { amount: 20 } } },
  },
};

describe('holdpoint approvals: what is shown and what is decided', () => {
  let server: TestServer;
  let settings: RunSettings;
  beforeAll(async () => {
    server = await startTestServer('sqlite::memory:', {
      limits: { loopProtection: { identicalRequests: 1000, withinSeconds: 60 } },
    });
    const { authorization } = await server.bearer();
    settings = { reviewUrl: server.url, reviewerToken: authorization!.slice('Bearer '.length) };
  });
  afterAll(() => server.close());

  const ask = async (more: object = {}) => (await server.ask(more)).body.id;
  const statusOf = async (id: string) => (await server.get(`/api/approvals/${id}`)).body.status;
  /** A reviewer without an API key of a gateway. */
  const reviewerOnly = (more: RunSettings = {}) =>
    commands({ ...settings, gatewayUrl: undefined, apiKey: undefined, ...more });

  it('without a gateway key: list, show, approve, reject, edit', async () => {
    const { holdpoint } = await reviewerOnly();
    const ids = [await ask(), await ask(), await ask()];
    const list = (await holdpoint('approvals', 'list', '--json')).json();
    expect(list.approvals.map(({ id }: { id: string }) => id)).toEqual(expect.arrayContaining(ids));
    expect((await holdpoint('approvals', 'show', ids[0]!)).out).toContain('"recipient_count": 500');
    await holdpoint('approvals', 'approve', ids[0]!, '--yes');
    await holdpoint('approvals', 'reject', ids[1]!, '--yes');
    await holdpoint('approvals', 'edit', ids[2]!, 'recipient_count=5', '--yes');
    expect(await Promise.all(ids.map(statusOf))).toEqual(['APPROVED', 'REJECTED', 'APPROVED']);
  });

  it('list: a request without a run is there, and says so', async () => {
    const { holdpoint } = await reviewerOnly();
    const own = await ask({ details: { amount: 1, holdpoint: { run: 'run-a', tool: 'refund', number: 2 } } });
    const foreign = await ask({ agentName: 'other-bot' });
    const { approvals } = (await holdpoint('approvals', 'list', '--json')).json();
    expect(approvals).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: own, runId: 'run-a', tool: 'refund', request: 2, arguments: { amount: 1 } }),
        expect.objectContaining({
          id: foreign,
          runId: null,
          tool: 'send_email_blast',
          assistant: 'comms',
          saysItIs: 'other-bot',
        }),
      ]),
    );
    const filtered = (await holdpoint('approvals', 'list', '--json', '--assistant', 'other-bot')).json();
    expect(filtered.approvals.map(({ id }: { id: string }) => id)).toEqual([foreign]);
  });

  it('list --assistant: the server filters, so a page of one is full', async () => {
    const { holdpoint } = await reviewerOnly();
    const [older] = [await ask({ agentName: 'rare-bot' }), await ask(), await ask()];
    const page = (await holdpoint('approvals', 'list', '--json', '--assistant', 'rare-bot', '--limit', '1')).json();
    expect(page.approvals.map(({ id }: { id: string }) => id)).toEqual([older]);
    const ofKey = (await holdpoint('approvals', 'list', '--json', '--assistant', 'comms', '--limit', '200')).json();
    expect(ofKey.approvals.map(({ id }: { id: string }) => id)).toContain(older);
  });

  it('list: newest first, across pages and within each', async () => {
    const { holdpoint } = await reviewerOnly();
    const asked: string[] = [];
    for (let count = 0; count < 5; count += 1) asked.push(await ask({ agentName: 'ordered-bot' }));
    const listed: string[] = [];
    for (let token: string | null = ''; token !== null;) {
      const page: { approvals: Array<{ id: string }>; nextPageToken: string | null } = (
        await holdpoint(
          'approvals',
          'list',
          '--json',
          '--assistant=ordered-bot',
          '--limit=2',
          ...(token === '' ? [] : ['--page-token', token]),
        )
      ).json();
      listed.push(...page.approvals.map(({ id }) => id));
      token = page.nextPageToken;
    }
    expect(listed).toEqual(asked.toReversed());
  });

  it.each([
    [['--limit', '0'], '--limit must be a whole number from 1 to 200, not "0".'],
    [['--limit', '2.5'], '--limit must be a whole number from 1 to 200, not "2.5".'],
    [['--limit', '201'], '--limit must be a whole number from 1 to 200, not "201".'],
    [['--page-token', 'bad'], '--page-token is not from this list with the same options.'],
  ])('list %j → the error names the option', async (options, message) => {
    for (const { holdpoint } of [await reviewerOnly(), await commands()]) {
      const { err, code } = await holdpoint('approvals', 'list', ...options);
      expect([code, err]).toEqual([2, expect.stringContaining(message)]);
    }
  });

  it('list of a full page → at most ten records are read at a time', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 30; count += 1) ids.push(await ask({ agentName: 'many-bot' }));
    const counting = await countingReads(server.url);
    const { holdpoint } = await reviewerOnly({ reviewUrl: counting.url });
    const { approvals } = (await holdpoint('approvals', 'list', '--json', '--assistant', 'many-bot')).json();
    expect(approvals).toHaveLength(30);
    expect(counting.most()).toBeGreaterThan(1);
    expect(counting.most()).toBeLessThanOrEqual(10);
  });

  it('show with the id of a run → says so, and names the requests that it waits for', async () => {
    const { holdpoint, gateway } = await commands(settings);
    gateway.runs.set(waiting('run-b', waitingCall('req_b')));
    expect((await holdpoint('approvals', 'show', 'run-b')).err).toContain(
      'no approval "run-b". That is the id of a run. It waits for req_b (',
    );
  });

  it('runs of spaces in arguments stay in list and show', async () => {
    const id = await ask({ details: { to: 'a  b   c' } });
    const { holdpoint } = await reviewerOnly();
    expect((await holdpoint('approvals', 'list')).out).toContain('{"to":"a  b   c"}');
    expect((await holdpoint('approvals', 'show', id)).out).toContain('"to": "a  b   c"');
  });

  it.each([['list'], ['show', 'req_1'], ['approve', 'req_1', '--yes']])(
    'a review server that is down → %s says so, and names its address and variable',
    async (...words) => {
      const { holdpoint } = await commands({ ...settings, reviewUrl: 'http://127.0.0.1:1' });
      const { err, out, code } = await holdpoint('approvals', ...words);
      expect([out, code]).toEqual(['', 1]);
      expect(err).toMatch(
        /^holdpoint: The review server at http:\/\/127\.0\.0\.1:1 can't be reached \(.+\)\. Nothing was read or changed\. CHEQPOINT_BASE_URL names its address/,
      );
    },
  );

  it('a run that remembers other arguments under the id → the record is shown', async () => {
    const id = await ask();
    const { holdpoint, gateway } = await commands(settings);
    gateway.runs.set(waiting('a', { ...waitingCall(id), arguments: { recipient_count: 1 } }));
    for (const words of [
      ['list', '--json'],
      ['show', id],
    ]) {
      const { out } = await holdpoint('approvals', ...words);
      expect(out).toMatch(/"recipient_count": ?500/);
      expect(out).not.toMatch(/"recipient_count": ?1\b/);
    }
  });

  it('terminal: arguments first, then risk; claims of the asking program under their title', async () => {
    const id = await ask({
      riskLevel: 'high',
      agentName: 'claimed-name',
      riskReason: 'claimed reason',
      justification: 'claimed words',
    });
    const { holdpoint } = await reviewerOnly();
    const { out } = await holdpoint('approvals', 'show', id);
    const places = [
      'send_email_blast',
      '"recipient_count": 500',
      'risk           high',
      'Claims of the program that asks, with the Connection Key of comms:',
      'says it is     claimed-name',
      'Assistant wants to send',
      'claimed reason',
      'claimed words',
      `holdpoint approvals approve ${id}`,
    ].map((part) => out.indexOf(part));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  it('long texts are cut, arguments never', async () => {
    const id = await ask({
      summary: 's'.repeat(56_000),
      justification: 'j'.repeat(56_000),
      details: { body: 'b'.repeat(3_000) },
    });
    const { holdpoint } = await reviewerOnly();
    const { out } = await holdpoint('approvals', 'show', id);
    expect(out).toContain('b'.repeat(3_000));
    expect(out).toContain('(56,000 characters; --json has all)');
    expect(out.length).toBeLessThan(6_000);
  });

  it('controls, bidi, zero-width and foreign spaces → escapes, also in keys', async () => {
    const id = await ask({
      summary: 'safe\u202Eevil\u200B\u001B[2J',
      details: { 'pay\u2066ee': 'ana\u200D\u00ADb\u3164c\u00A0d\u{E0041}e' },
    });
    const { holdpoint } = await reviewerOnly();
    const { out } = await holdpoint('approvals', 'show', id);
    expect(out).toContain(String.raw`safe\u202eevil\u200b\u001b[2J`);
    expect(out).toContain(String.raw`"pay\u2066ee": "ana\u200d\u00adb\u3164c\u00a0d\udb40\udc41e"`);
    expect(out).not.toMatch(/[^\P{C}\n]/u);
  });

  it('a text with line breaks → no line of its own', async () => {
    const id = await ask({ summary: 'Harmless\nrisk           low', justification: 'x\r\nrisk           low' });
    const { holdpoint } = await reviewerOnly();
    expect((await holdpoint('approvals', 'show', id)).out.match(/^risk.*$/gm)).toEqual(['risk           medium']);
  });

  it.each(['approve', 'reject'])('%s on a terminal → shows the request and asks; no → open', async (decision) => {
    const id = await ask();
    const { holdpoint, questions, answerQuestions } = await reviewerOnly();
    answerQuestions(false);
    const { err, code } = await holdpoint('approvals', decision, id);
    expect(err).toContain('"recipient_count": 500');
    expect([code, questions.length, await statusOf(id)]).toEqual([1, 1, 'PENDING']);
    answerQuestions(true);
    expect((await holdpoint('approvals', decision, id)).code).toBe(0);
    expect(await statusOf(id)).toBe(decision === 'approve' ? 'APPROVED' : 'REJECTED');
  });

  it('edit on a terminal → shows the changes', async () => {
    const id = await ask();
    const { holdpoint, answerQuestions } = await reviewerOnly();
    answerQuestions(false);
    const { err } = await holdpoint('approvals', 'edit', id, 'recipient_count=5');
    expect(err).toContain('  "recipient_count": 500 → 5');
  });

  describe('request that asks again after an edit that was not taken', () => {
    const draft = { edit: { seats: 99, name: 'Ben' }, note: 'as agreed' };
    const askAgain = (more: object = {}) =>
      ask({ details: { seats: 1, name: 'Ana', memo: 'x', holdpoint: { kind: 'call', draft: { ...draft, ...more } } } });
    const recordOf = async (id: string) => (await server.get(`/api/approvals/${id}`)).body;

    it('show → the earlier edit, its note and the command', async () => {
      const id = await askAgain();
      const { holdpoint } = await reviewerOnly();
      const { out } = await holdpoint('approvals', 'show', id);
      expect(out).toMatch(
        /Earlier approval that was not taken:\n {2}"seats": 1 → 99\n {2}"name": "Ana" → "Ben"\n {2}"memo": "x" → \(nothing\)\n {2}note +as agreed\n/,
      );
      expect(out).toContain(`holdpoint approvals edit ${id} --from-earlier`);
      expect((await holdpoint('approvals', 'show', id, '--json')).json().draft).toEqual(draft);
    });

    it('edit --from-earlier key=value → the earlier edit with the change, its removed keys and its note', async () => {
      const id = await askAgain();
      const { holdpoint } = await reviewerOnly();
      expect((await holdpoint('approvals', 'edit', id, '--from-earlier', 'seats=9', '--yes')).code).toBe(0);
      expect(await recordOf(id)).toMatchObject({
        modifiedDetails: { seats: 9, name: 'Ben' },
        removedKeys: ['memo'],
        decisionNote: 'as agreed',
      });
    });

    it('edit key=value without it → begins with the request; --note replaces the earlier note', async () => {
      const [plainId, noted] = [await askAgain(), await askAgain({ edit: null })];
      const { holdpoint } = await reviewerOnly();
      await holdpoint('approvals', 'edit', plainId, 'seats=9', '--yes');
      expect(await recordOf(plainId)).toMatchObject({
        modifiedDetails: { seats: 9, name: 'Ana', memo: 'x' },
        decisionNote: null,
      });
      await holdpoint('approvals', 'edit', noted, '--from-earlier', 'seats=9', '--note', 'new', '--yes');
      expect(await recordOf(noted)).toMatchObject({ modifiedDetails: { seats: 9, memo: 'x' }, decisionNote: 'new' });
    });

    it('edit --from-earlier on a first request → refused with words', async () => {
      const { holdpoint } = await reviewerOnly();
      const { err, code } = await holdpoint('approvals', 'edit', await ask(), '--from-earlier', '--yes');
      expect([code, err]).toEqual([2, expect.stringContaining('There is no earlier edit')]);
    });
  });

  it('edit --remove → the answer names the key; an unknown key is refused', async () => {
    const id = await ask({ details: { amount: 5, memo: 'x' } });
    const { holdpoint } = await reviewerOnly();
    expect((await holdpoint('approvals', 'edit', id, '--remove', 'mem', '--yes')).err).toContain('no argument "mem"');
    expect((await holdpoint('approvals', 'edit', id, 'amount=4', '--remove', 'memo', '--yes')).code).toBe(0);
    expect((await server.get(`/api/approvals/${id}`)).body).toMatchObject({
      modifiedDetails: { amount: 4 },
      removedKeys: ['memo'],
    });
  });

  it('no terminal → decided without a question', async () => {
    const id = await ask();
    const { holdpoint } = await reviewerOnly();
    expect((await holdpoint('approvals', 'approve', id)).code).toBe(0);
    expect(await statusOf(id)).toBe('APPROVED');
  });

  it('decided and asked again under the question → nothing is decided', async () => {
    const id = await ask();
    let again = '';
    const { holdpoint, answerQuestions } = await reviewerOnly();
    answerQuestions(async () => {
      await server.decide(id, {
        decision: 'approve',
        modifiedDetails: { template: 't', recipient_count: 9, subject: 's' },
      });
      again = await ask({ details: { template: 't', recipient_count: 9, subject: 's' } });
      return true;
    });
    const { err, code } = await holdpoint('approvals', 'approve', id);
    expect([code, err]).toEqual([1, expect.stringContaining('Already approved')]);
    expect(await statusOf(again)).toBe('PENDING');
  });

  it('--shown with another digest → refused, open; with that of show --json → decided', async () => {
    const id = await ask();
    const other = await ask({ summary: 'Something else' });
    const { holdpoint } = await reviewerOnly();
    const shown = async (of: string) => (await holdpoint('approvals', 'show', of, '--json')).json().shown;
    const refused = await holdpoint('approvals', 'approve', id, '--yes', '--shown', await shown(other));
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('changed')]);
    expect(await statusOf(id)).toBe('PENDING');
    await holdpoint('approvals', 'approve', id, '--yes', '--shown', await shown(id));
    expect(await statusOf(id)).toBe('APPROVED');
  });

  it('outcome question: shows the call and the three commands', async () => {
    const id = await ask(outcome);
    const { holdpoint } = await reviewerOnly();
    const { out } = await holdpoint('approvals', 'show', id);
    expect(out).toContain('Did this call happen? refund');
    expect(out).toContain('"amount": 20');
    for (const answer of ['happened', 'not-happened', 'give-up'])
      expect(out).toContain(`holdpoint approvals ${answer} ${id}`);
  });

  it('edit of an outcome question → refused with the three commands', async () => {
    const id = await ask(outcome);
    const { holdpoint } = await reviewerOnly();
    const { err } = await holdpoint('approvals', 'edit', id, 'amount=5', '--yes');
    for (const answer of ['happened', 'not-happened', 'give-up'])
      expect(err).toContain(`holdpoint approvals ${answer} ${id}`);
  });

  it.each(['approve', 'reject'])('plain %s of an outcome question → refused with the three commands', async (plain) => {
    const id = await ask(outcome);
    const { holdpoint } = await reviewerOnly();
    const { err, code } = await holdpoint('approvals', plain, id, '--yes');
    expect(code).toBe(1);
    for (const answer of ['happened', 'not-happened', 'give-up'])
      expect(err).toContain(`holdpoint approvals ${answer} ${id}`);
    expect(await statusOf(id)).toBe('PENDING');
  });

  it.each([
    ['happened', 'APPROVED', 'it happened'],
    ['not-happened', 'APPROVED', 'runs once more'],
    ['give-up', 'REJECTED', 'not repeated'],
  ])('outcome question: %s → %s', async (answer, status, says) => {
    const id = await ask(outcome);
    const { holdpoint } = await reviewerOnly();
    expect((await holdpoint('approvals', answer, id, '--yes')).out).toMatch(new RegExp(`^refund: .*${says}.*ana`));
    expect(await statusOf(id)).toBe(status);
  });

  it('outcome answer to a call → refused, open', async () => {
    const id = await ask();
    const { holdpoint } = await reviewerOnly();
    expect((await holdpoint('approvals', 'happened', id, '--yes')).code).toBe(1);
    expect(await statusOf(id)).toBe('PENDING');
  });
});

/** A proxy in front of a review server that counts the records that are read at the same time. */
async function countingReads(target: string): Promise<{ url: string; most: () => number }> {
  let open = 0;
  let most = 0;
  const forward = async ({ url, headers }: Request): Promise<Response> => {
    const { pathname, search } = new URL(url);
    const isRecord = pathname.startsWith('/reviewer-api/approvals/');
    if (isRecord) most = Math.max(most, (open += 1));
    const answer = await fetch(`${target}${pathname}${search}`, { headers });
    const body = await answer.text();
    if (isRecord) open -= 1;
    return new Response(body, { status: answer.status, headers: { 'content-type': 'application/json' } });
  };
  const proxy = await new Promise<ServerType>((resolve) => {
    const starting = serve({ fetch: forward, port: 0, hostname: '127.0.0.1' }, () => resolve(starting));
  });
  onTestFinished(() => void proxy.close());
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, most: () => most };
}
