import { describe, expect, it } from 'vitest';
import type { MailEntry } from '../../demo/mail-service.ts';
import { demoOptions } from '../../demo/options.ts';
import { outcome } from '../../demo/outcome.ts';
import type { Done } from '../../demo/scenario.ts';
import { spread, tally, type Approved } from '../../demo/tally.ts';

const approved: Approved = {
  callKey: 'run/1/0/call',
  arguments: { recipient_count: 500 },
  decidedAt: '2026-01-01T00:00:00.000Z',
};
const entry = (type: MailEntry['type'], more: Partial<MailEntry> = {}): MailEntry => ({
  at: '2026-01-01T00:00:00.040Z',
  type,
  path: '/blasts',
  idempotencyKey: approved.callKey,
  body: { recipient_count: 500 },
  ...more,
});
const played: Done = {
  runs: 3,
  decisions: 3,
  kills: 2,
  approved: [approved],
  afterExpiry: 0,
  rejected: ['other/1/0/call'],
};

describe("the demo counts from the mail service's log", () => {
  it('one effect for one approval is neither lost nor doubled, however often the tool started', () => {
    expect(tally([approved], [entry('request'), entry('effect'), entry('request')])).toEqual({
      toolStarts: 2,
      toolEffects: 1,
      lost: 0,
      doubled: 0,
      resumeMs: [40],
    });
  });

  it('an approval without its effect is lost', () => {
    expect(tally([approved], [entry('request')])).toMatchObject({ toolEffects: 0, lost: 1, doubled: 0 });
  });

  it('a second effect is doubled', () => {
    expect(tally([approved], [entry('effect'), entry('effect')])).toMatchObject({
      toolEffects: 2,
      lost: 0,
      doubled: 1,
    });
  });

  it.each([
    ['with other arguments than the approved ones', { body: { recipient_count: 5000 } }],
    ['of a call that nobody approved', { idempotencyKey: 'other/1/0/call' }],
    ['without a call key', { idempotencyKey: null }],
  ])('an effect %s counts as one too many, and as lost', (_what, more) => {
    expect(tally([approved], [entry('effect', more)])).toMatchObject({ lost: 1, doubled: 1 });
  });

  it('the time to resume ends with the first call after the decision', () => {
    const log = [
      entry('request', { at: '2025-12-31T23:59:59.999Z' }),
      entry('request', { at: '2026-01-01T00:00:00.100Z' }),
      entry('request', { at: '2026-01-01T00:00:09.000Z' }),
    ];
    expect(tally([approved], log).resumeMs).toEqual([100]);
    expect(spread([10, 20, 90])).toEqual({ p50: 20, max: 90 });
    expect(spread([])).toEqual({ p50: null, max: null });
  });
});

describe('the demo is ok only', () => {
  const log = [entry('request'), entry('effect')];

  it('when everything was shown and counted', () => {
    expect(outcome(played, log, 'responses')).toEqual({
      outcome: {
        ok: true,
        runs: 3,
        approvals: 3,
        kills: 2,
        toolStarts: 1,
        toolEffects: 1,
        lost: 0,
        doubled: 0,
        resumeMs: { p50: 40, max: 40 },
      },
      problems: [],
    });
  });

  it.each<[string, Partial<Done>, MailEntry[]]>([
    ['a run is missing', { runs: 2 }, log],
    ['a decision is missing', { decisions: 2 }, log],
    ['a kill is missing', { kills: 1 }, log],
    ['an effect is lost', {}, []],
    ['an effect is doubled', {}, [...log, entry('effect')]],
    ['a rejected call reached the mail service', {}, [...log, entry('request', { idempotencyKey: 'other/1/0/call' })]],
  ])('not when %s', (_what, done, entries) => {
    const { outcome: counted, problems } = outcome({ ...played, ...done }, entries, 'responses');
    expect(counted.ok).toBe(false);
    expect(problems).not.toEqual([]);
  });
});

it('by the Assistants API a decision after the ten minutes must have been shown too', () => {
  const log = [entry('request'), entry('effect')];
  expect(outcome({ ...played, afterExpiry: 1 }, log, 'assistants').outcome).toMatchObject({ ok: true, afterExpiry: 1 });
  expect(outcome(played, log, 'assistants')).toMatchObject({
    outcome: { ok: false },
    problems: ['No decision was shown after the ten minutes.'],
  });
});

it('the demo refuses options that it does not know', () => {
  expect(demoOptions(['--json', '--keep'])).toMatchObject({ json: true, keep: true });
  expect(demoOptions([])).toMatchObject({ api: 'responses' });
  expect(demoOptions(['--api', 'assistants'])).toMatchObject({ api: 'assistants' });
  expect(() => demoOptions(['--api', 'agents'])).toThrow('--api must be responses or assistants, not "agents"');
  expect(() => demoOptions(['--jsno'])).toThrow(/--jsno/);
  expect(() => demoOptions(['extra'])).toThrow(/extra/);
});
