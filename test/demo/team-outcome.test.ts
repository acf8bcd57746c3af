import { describe, expect, it } from 'vitest';
import type { MailEntry } from '../../demo/mail-service.ts';
import { demoOptions } from '../../demo/options.ts';
import type { Approved } from '../../demo/tally.ts';
import { teamOutcome, type TeamDone } from '../../demo/team/team-outcome.ts';

const approved = ['one', 'two'].map((callKey): Approved => ({
  callKey,
  arguments: { recipient_count: 500 },
  decidedAt: '2026-01-01T00:00:00.000Z',
}));
const played: TeamDone = {
  runs: 2,
  stages: 4,
  votes: 6,
  escalations: 1,
  selfApprovalsRefused: 1,
  kills: 1,
  approved,
};
const effect = (idempotencyKey: string | null, recipientCount = 500): MailEntry => ({
  at: '2026-01-01T00:00:00.040Z',
  type: 'effect',
  path: '/blasts',
  idempotencyKey,
  body: { recipient_count: recipientCount },
});
const log = [effect('one'), effect('two')];

describe('the team demo is ok only', () => {
  it('when everything was shown and counted', () => {
    expect(teamOutcome(played, log)).toEqual({
      outcome: {
        ok: true,
        runs: 2,
        stages: 4,
        votes: 6,
        escalations: 1,
        selfApprovalsRefused: 1,
        lost: 0,
        doubled: 0,
      },
      problems: [],
    });
  });

  it.each<[string, Partial<TeamDone>, MailEntry[]]>([
    ['a run is missing', { runs: 1 }, log],
    ['a stage is missing', { stages: 3 }, log],
    ['a vote is missing', { votes: 5 }, log],
    ['there is a vote too many', { votes: 7 }, log],
    ['nothing was escalated', { escalations: 0 }, log],
    ['no own approval was refused', { selfApprovalsRefused: 0 }, log],
    ['the worker was not killed', { kills: 0 }, log],
    ['an effect is lost', {}, [effect('one')]],
    ['an effect is doubled', {}, [...log, effect('two')]],
    ['an effect has other arguments', {}, [effect('one'), effect('two', 5000)]],
  ])('not when %s', (_what, done, entries) => {
    const { outcome, problems } = teamOutcome({ ...played, ...done }, entries);
    expect(outcome.ok).toBe(false);
    expect(problems).not.toEqual([]);
  });
});

it('--team: alone or with --json → taken, with --keep or the Assistants API → refused', () => {
  expect(demoOptions([])).toMatchObject({ team: false });
  expect(demoOptions(['--team', '--json'])).toMatchObject({ team: true, json: true });
  expect(() => demoOptions(['--team', '--keep'])).toThrow('--team takes no --keep');
  expect(() => demoOptions(['--team', '--api', 'assistants'])).toThrow('uses the Responses API');
});
