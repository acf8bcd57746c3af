import { describe, expect, it } from 'vitest';
import { Interrupted } from '../../src/cli/run-io.ts';
import type { Call, Run } from '../../src/client.ts';
import { completed, run, waiting, waitingCall } from '../gateway/fake-runs.ts';
import { apiKey } from '../gateway/test-gateway.ts';
import { commands } from './commands.ts';

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
  it('watched run → turns, calls, approvals and decisions on standard error, the answer on standard output', async () => {
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

  it('call decided and next turn begun between two changes → the decision is printed', async () => {
    const { gateway, holdpoint, said } = await commands();
    gateway.runs.set(waiting('a', waitingCall('req_1')));
    const watching = holdpoint('runs', 'watch', 'a');
    await expect.poll(() => said.err).toContain('waiting for a person');
    gateway.runs.set(run('a', { detail: { state: 'running', turn: 2, calls: [], parked: [], queuedMessages: 0 } }));
    await expect.poll(() => said.err).toContain('send_email_blast: decided and settled\nTurn 2');
    gateway.runs.set(completed('a', 'Done.'));
    await watching;
  });

  it('--json → one document, the closed run', async () => {
    const { gateway, holdpoint, said } = await commands();
    const running = holdpoint('run', 'Hello', '--assistant', 'comms', '--id', 'a', '--json');
    await expect.poll(() => said.err).toContain('Turn 1');
    gateway.runs.set(completed('a', 'Hi.'));
    const { out, code, json } = await running;
    expect([out.trim().split('\n').length, json(), code]).toEqual([1, completed('a', 'Hi.'), 0]);
  });

  it('--detach → prints the id and exits', async () => {
    const { holdpoint } = await commands();
    expect((await holdpoint('run', 'Hello', '--assistant', 'comms', '--id', 'mine', '--detach')).out).toBe('mine\n');
    expect(
      (await holdpoint('run', 'Hello', '--assistant', 'comms', '--id', 'mine', '--detach', '--json')).json(),
    ).toMatchObject({ id: 'mine', state: 'running' });
  });

  it.each([
    ['failed', { type: 'MaxTurnsExceeded', message: 'After 50 turns.' }, 'MaxTurnsExceeded: After 50 turns.'],
    ['cancelled', null, 'was cancelled'],
  ] as const)('run has %s → exit code 1', async (state, failure, says) => {
    const { gateway, holdpoint } = await commands();
    gateway.runs.set({ ...completed('a', ''), state, failure, output: null });
    const { out, err, code } = await holdpoint('runs', 'watch', 'a');
    expect([out, code]).toEqual(['', 1]);
    expect(err).toContain(says);
  });

  it('Ctrl-C → stops watching, prints the command to watch again; the run continues', async () => {
    const { holdpoint, said, interrupt, gateway } = await commands();
    const running = holdpoint('run', 'Hello', '--assistant', 'comms', '--id', 'a');
    await expect.poll(() => said.err).toContain('Turn 1');
    interrupt.abort(new Interrupted());
    const { err, code } = await running;
    expect(code).toBe(130);
    expect(err).toContain('The run continues: holdpoint runs watch a');
    expect(gateway.runs.orders).toEqual([]);
  });

  it('several calls in a turn → each line names its call', async () => {
    const { gateway, holdpoint, said } = await commands();
    const call = (key: string, tool: string, state: Call['state']): Call => ({
      ...waitingCall(`req_${key}`),
      key,
      tool,
      arguments: { amount: Number(key) },
      state,
      ...(state === 'done' && { settledAs: 'ran', decision: null }),
    });
    const at = (state: Call['state']) =>
      waiting('a', call('1', 'refund', state), call('2', 'refund', 'waiting'), call('3', 'mail', 'waiting'));
    gateway.runs.set(at('waiting'));
    const watching = holdpoint('runs', 'watch', 'a');
    await expect.poll(() => said.err).toContain('mail');
    gateway.runs.set(at('done'));
    await expect.poll(() => said.err).toContain('ran');
    gateway.runs.set(completed('a', 'Done.'));
    const { err } = await watching;
    expect(err).toContain(
      '  refund #1 {"amount":1}\n    refund #1: waiting for a person: https://review.example/req_1\n',
    );
    expect(err).toContain(
      '  refund #2 {"amount":2}\n    refund #2: waiting for a person: https://review.example/req_2\n',
    );
    expect(err).toContain('  mail {"amount":3}\n    mail: waiting for a person');
    expect(err).toContain('    refund #1: ran\n');
    expect(err).toContain('  refund #2: decided and settled\n  mail: decided and settled\n');
  });

  it('control characters from a model → escaped', async () => {
    const { gateway, holdpoint } = await commands();
    gateway.runs.set(completed('a', 'red \u001B[31m\u009B2J alert'));
    const { out } = await holdpoint('runs', 'watch', 'a');
    expect(out).toBe('red \\u001b[31m\\u009b2J alert\n');
  });
});

describe('holdpoint runs', () => {
  it('list → a table; with --json a document', async () => {
    const { gateway, holdpoint } = await commands();
    expect((await holdpoint('runs', 'list')).out).toBe('No runs.\n');
    gateway.runs.set(run('run-a', { state: 'parked' }));
    const { out } = await holdpoint('runs', 'list', '--state', 'parked', '--assistant', 'comms', '--limit', '3');
    expect(out).toMatch(/run +state +assistant +caller +started +input/);
    expect(out).toMatch(/run-a +parked +comms +operator +2026-11-22T10:00:00.000Z +Tell all customers/);
    expect(gateway.runs.filters.at(-1)).toEqual({ state: 'parked', assistant: 'comms', limit: 3 });
    expect((await holdpoint('runs', 'list', '--json')).json()).toMatchObject({
      runs: [{ id: 'run-a' }],
      nextPageToken: null,
    });
  });

  it.each([
    [['--limit', '0'], '--limit must be a whole number from 1 to 200, not "0".'],
    [['--limit', 'ten'], '--limit must be a whole number from 1 to 200, not "ten".'],
    [['--page-token', 'bad'], '--page-token is not from this list with the same options.'],
  ])('list %j → the error names the option', async (options, message) => {
    const { holdpoint } = await commands();
    const { err, code } = await holdpoint('runs', 'list', ...options);
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });

  it('show → open approvals, and the reason of parking', async () => {
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

  it('watch --json → one line for each change', async () => {
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

  it('cancel, retry → the gateway gets them', async () => {
    const { gateway, holdpoint } = await commands();
    gateway.runs.set(run('a', { state: 'parked' }));
    expect((await holdpoint('runs', 'retry', 'a')).out).toContain('Resuming run a.');
    expect((await holdpoint('runs', 'cancel', 'a', '--json')).json()).toEqual({ id: 'a', ordered: 'cancel' });
    expect(gateway.runs.orders).toEqual(['retry a', 'cancel a']);
  });

  it('message → sent; show → queued messages', async () => {
    const { gateway, holdpoint } = await commands();
    gateway.runs.set(run('a', { detail: { state: 'running', turn: 1, calls: [], parked: [], queuedMessages: 2 } }));
    expect((await holdpoint('runs', 'message', 'a', 'Hurry.')).out).toBe(
      'Message sent to run a. The model gets it with the next turn.\n',
    );
    expect(
      (await holdpoint('runs', 'message', 'a', 'No.', '--supersede', '--idempotency-key', 'k', '--json')).json(),
    ).toEqual({ id: 'a', ordered: 'message' });
    expect(gateway.runs.said).toMatchObject([
      { text: 'Hurry.', whenWaiting: 'queue' },
      { text: 'No.', whenWaiting: 'supersede' },
    ]);
    expect((await holdpoint('runs', 'show', 'a')).out).toContain('2 messages go to the model with the next turn');
  });

  it('--continue-from a completed run → a new run of its assistant', async () => {
    const { gateway, holdpoint } = await commands();
    gateway.runs.set(completed('a', 'Done.'));
    expect((await holdpoint('run', 'And?', '--continue-from', 'a', '--id', 'b', '--detach')).out).toBe('b\n');
    expect(gateway.runs.created.get('b')).toMatchObject({ assistant: 'comms', continueFrom: 'a' });
  });
});

describe('run commands: failures → one line on standard error, exit code 1 (2 for a wrong command line)', () => {
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
    ['nobody to ask', 2, ['run', 'x'], 'Choose an assistant with --assistant NAME, or a run with --continue-from RUN.'],
    ['a message to a run that has ended', 1, ['runs', 'message', 'none', 'x'], 'There is no run "none"'],
    [
      'a wrong key',
      1,
      ['runs', 'list', '--api-key', 'wrong'],
      'The API key is not one of this gateway, or it was revoked.',
    ],
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

  it('an unreachable gateway → the source of its address', async () => {
    const address = 'http://127.0.0.1:1';
    const byVariable = await (await commands({ gatewayUrl: address })).holdpoint('runs', 'list');
    expect(byVariable.err).toContain('HOLDPOINT_GATEWAY_URL has this address.');
    const byFlag = await (await commands()).holdpoint('runs', 'list', '--gateway-url', address);
    expect(byFlag.err).toContain('--gateway-url has this address.');
    const running = { gateway: { url: address, apiKey }, reviewServer: { url: address, reviewerToken: null } };
    const byDev = await (await commands({ gatewayUrl: undefined, running })).holdpoint('runs', 'list');
    expect(byDev.err).toContain('HOLDPOINT_GATEWAY_URL or --gateway-url names another one.');
  });

  it('no API key → the remedy', async () => {
    const { holdpoint } = await commands({ apiKey: undefined, gatewayUrl: undefined });
    expect((await holdpoint('runs', 'list')).err).toContain('npx holdpoint dev');
  });

  it('unknown --state → refused by the parser', async () => {
    const { holdpoint, said } = await commands();
    await expect(holdpoint('runs', 'list', '--state', 'odd')).rejects.toThrow('odd');
    expect(said.err).toContain('running, waiting, parked');
  });
});

describe('run commands: running dev stack', () => {
  it('no settings → its gateway and key; another gateway → not its key', async () => {
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
