import { describe, expect, it } from 'vitest';
import type { Run } from '../../src/client.ts';
import { run, waiting, waitingCall } from '../gateway/fake-runs.ts';
import { commands } from './commands.ts';

describe('holdpoint approvals request', () => {
  const ask = [
    'approvals',
    'request',
    '--action',
    'refund',
    '--summary',
    'Refund A-17',
    '--details',
    '{"amount":80}',
    '--id',
    'mine',
  ];
  const ended = (decision: NonNullable<Run['decision']>): Run =>
    run('mine', {
      kind: 'approval',
      state: 'completed',
      closedAt: '2026-11-22T11:00:00.000Z',
      detail: null,
      turns: 0,
      toolCalls: 1,
      decision,
    });
  const said = { by: 'person' as const, decidedAt: null, note: null };

  it('approved → prints the approved details, exit code 0', async () => {
    const { gateway, holdpoint, said: sofar } = await commands();
    const asking = holdpoint(...ask, '--risk', 'high', '--expires-in', '3 days', '--context', '{"ticket":7}');
    await expect.poll(() => sofar.err).toContain('Approval mine');
    gateway.runs.set({
      ...waiting('mine', { ...waitingCall('req_1'), tool: 'refund', arguments: { amount: 80 } }),
      kind: 'approval',
    });
    await expect.poll(() => sofar.err).toContain('waiting for a person: https://review.example/req_1');
    gateway.runs.set(
      ended({ ...said, outcome: 'approved', details: { amount: 20 }, modifiedDetails: { amount: 20 }, note: 'Half.' }),
    );
    const { out, err, code } = await asking;
    expect([JSON.parse(out), code]).toEqual([{ amount: 20 }, 0]);
    expect(err).toContain('Approved with changes by a person. Note: Half.');
    expect(gateway.runs.created.get('mine')).toMatchObject({
      assistant: '(none)',
      context: { ticket: 7 },
      approval: { action: 'refund', details: { amount: 80 }, riskLevel: 'high', expiresInMs: 259_200_000 },
    });
    expect((await holdpoint('runs', 'show', 'mine')).out).toMatch(
      /approval +mine[^]*Approved with changes by a person[^]*"amount": 20/,
    );
  });

  it.each([
    [{ ...said, outcome: 'rejected' as const, note: 'No' }, 'Rejected by a person. Note: No'],
    [{ outcome: 'expired' as const, decidedAt: null }, 'Expired.'],
    [{ outcome: 'withdrawn' as const, decidedAt: null }, 'Withdrawn.'],
  ])('%s → exit code 1, no details on standard output', async (decision, words) => {
    const { gateway, holdpoint, said: sofar } = await commands();
    const asking = holdpoint(...ask);
    await expect.poll(() => sofar.err).toContain('Approval mine');
    gateway.runs.set(ended(decision));
    const { out, err, code } = await asking;
    expect([out, code]).toEqual(['', 1]);
    expect(err).toContain(words);
  });

  it('untrusted decision → exit code 1', async () => {
    const { gateway, holdpoint, said: sofar } = await commands();
    const asking = holdpoint(...ask);
    await expect.poll(() => sofar.err).toContain('Approval mine');
    gateway.runs.set({
      ...ended({ outcome: 'expired', decidedAt: null }),
      decision: null,
      detailMissing: 'Not sealed.',
    });
    const { out, err, code } = await asking;
    expect([out, code]).toEqual(['', 1]);
    expect(err).toContain('its decision is not known. Not sealed.');
  });

  it('--detach → prints the id and exits; --json → one document', async () => {
    const { holdpoint } = await commands();
    expect((await holdpoint(...ask, '--detach')).out).toBe('mine\n');
    const again = await holdpoint(...ask, '--detach', '--json');
    expect([again.json().id, again.err]).toEqual(['mine', 'The approval mine exists already.\n']);
  });

  it.each([
    [['--details', '{'], '--details is not valid JSON'],
    [['--arguments-schema', '/none/such.json'], "can't be read"],
  ])('%j → refused, exit code 2', async (words, message) => {
    const { holdpoint } = await commands();
    const { err, code } = await holdpoint(...ask, ...words);
    expect([err, code]).toEqual([expect.stringContaining(message), 2]);
  });
});
