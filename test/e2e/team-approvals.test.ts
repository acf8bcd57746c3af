import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RESERVED_DETAILS_KEY } from '@holdpoint/cheqpoint/wire';
import type { ReviewerDecision } from '@holdpoint/review-server/contract';
import { killWorker } from '../../demo/stage.ts';
import type { PersonName } from '../../demo/team/review-office.ts';
import { openTeamStage, type TeamStage } from '../../demo/team/team-stage.ts';
import { processEnvironment } from '../../src/config/environment.ts';
import { until } from '../support/until.ts';
import { callKeyOf } from './e2e-stage.ts';

let stage: TeamStage;
let folder: string;
let stop = async () => {};
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdpoint-team-'));
  stage = await openTeamStage({
    folder,
    environment: processEnvironment(),
    log: () => undefined,
    onStop: (newer) => (stop = newer),
  });
}, 180_000);
afterAll(async () => {
  await stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
});

const read = (person: PersonName, id: string) => stage.office.as(person).call('GET /approvals/{id}', { path: { id } });
const decide = async (person: PersonName, id: string, decision: ReviewerDecision = { decision: 'approve' }) => {
  const { shown } = await read(person, id);
  return stage.office
    .as(person)
    .call('POST /approvals/{id}/decide', { path: { id }, body: { ...decision, shown: decision.shown ?? shown } });
};

it(
  'two stages: worker killed between votes, edit, deputy → one effect, with the approved arguments',
  { timeout: 180_000 },
  async () => {
    const run = await stage.client.runs.create({
      assistant: 'comms',
      input: 'Tell all customers about the downtime.',
      context: { user: 'dora' },
    });
    const id = await until(
      'the run waits',
      async () => (await run.get()).detail?.calls.find(({ state }) => state === 'waiting')?.approval?.id ?? undefined,
      60_000,
    );
    const asked = await read('ana', id);
    const { [RESERVED_DETAILS_KEY]: _envelope, ...args } = asked.details;

    expect((await decide('ana', id)).turn).toMatchObject({ stage: 1, given: 1, needed: 2 });
    const { back } = await killWorker(stage.stack);
    const edited = await decide('finn', id, {
      decision: 'approve',
      modifiedDetails: { ...args, recipient_count: 120 },
    });
    expect(edited.status).toBe('PENDING');
    expect(edited.turn).toMatchObject({ stage: 1, given: 0, needed: 2 });
    expect(edited.voting?.votes).toMatchObject([{ by: 'ana', counts: false }]);
    await expect(decide('ben', id, { decision: 'approve', shown: asked.shown })).rejects.toMatchObject({ status: 409 });
    await expect(decide('finn', id)).rejects.toMatchObject({ status: 403 });
    await expect(decide('dora', id)).rejects.toMatchObject({ status: 403 });
    await back;

    await decide('ana', id);
    expect((await decide('ben', id)).turn).toMatchObject({ stage: 2, of: ['legal'] });
    await expect(decide('eve', id)).rejects.toMatchObject({ status: 404 });
    const now = Date.now();
    await stage.office.as('cleo').call('POST /deputies', {
      body: {
        deputy: 'eve',
        from: new Date(now - 60_000).toISOString(),
        until: new Date(now + 3_600_000).toISOString(),
      },
    });
    expect(await stage.mail.log()).toEqual([]);
    const approved = await decide('eve', id);
    expect(approved.status).toBe('APPROVED');
    expect(approved.voting?.votes.filter(({ counts }) => counts)).toMatchObject([
      { by: 'ana', onBehalfOf: null, version: 2, stage: 1 },
      { by: 'ben', onBehalfOf: null, version: 2, stage: 1 },
      { by: 'eve', onBehalfOf: 'cleo', version: 2, stage: 2 },
    ]);

    expect(await run.result({ signal: AbortSignal.timeout(120_000) })).toContain('recipient_count 500 → 120');
    const effects = (await stage.mail.log()).filter(({ type }) => type === 'effect');
    expect(effects).toMatchObject([{ idempotencyKey: callKeyOf(asked), body: { ...args, recipient_count: 120 } }]);
    expect(effects).toHaveLength(1);
  },
);
