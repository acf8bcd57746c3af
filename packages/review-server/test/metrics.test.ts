import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countDecisions } from '../src/metrics/count-decisions.ts';
import { createReviewMetrics } from '../src/metrics/review-metrics.ts';
import { registerReviewGauges } from '../src/metrics/review-gauges.ts';
import { addDelivery } from '../src/store/outbox.ts';
import { onBothDatabases } from './on-both-databases.ts';
import { openTeam, type Team } from './team.ts';
import { EMAIL_BLAST, startTestServer } from './test-server.ts';

const edited = { ...EMAIL_BLAST.details, recipient_count: 50 };

onBothDatabases((newDatabase) => {
  describe('metrics', () => {
    let team: Team;
    let shiftMs = 0;
    const lines: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
    const registry = new Registry();
    const metrics = createReviewMetrics(registry);
    const counted = countDecisions(() => team.store, metrics, log);
    const samples = async (name: string) => {
      await counted.flush();
      return (await registry.metrics())
        .split('\n')
        .filter((line) => line.startsWith(`${name}{`))
        .toSorted();
    };

    beforeAll(async () => {
      team = await openTeam(await newDatabase(), () => new Date(Date.now() + shiftMs));
      team.store.onChange = ({ change, id }) => {
        if (change === 'closed') counted.decided(id);
      };
      registerReviewGauges(registry, team.store, metrics, log);
      await team.addUsers(['fay', 'finn', 'lea']);
      await team.addUsers(['root'], { roles: ['admin'] });
      await team.setGroup('finance', ['fay', 'finn']);
      await team.setGroup('legal', ['lea']);
    });
    afterAll(() => team.close());

    it('decisions → by tool, group and result, with the time that a person took', async () => {
      const anyone = await team.ask(null);
      const finance = [{ group: 'finance', approvals: 1 }];
      const toEdit = await team.ask(finance);
      const toReject = await team.ask(finance, { action: 'refund' });
      shiftMs += 90_000;
      await team.vote(anyone, 'lea');
      await team.vote(toEdit, 'fay', { decision: 'approve', modifiedDetails: edited });
      await team.vote(toReject, 'finn', { decision: 'reject' });
      const made = await samples('holdpoint_review_decisions_total');
      // A first edit is an increase, too.
      expect(made).toContain(
        'holdpoint_review_decisions_total{tool="refund",group="finance",decision="edited",by="person"} 0',
      );
      expect(made.filter((line) => !line.endsWith(' 0'))).toEqual([
        'holdpoint_review_decisions_total{tool="refund",group="finance",decision="rejected",by="person"} 1',
        'holdpoint_review_decisions_total{tool="send_email_blast",group="everyone",decision="approved",by="person"} 1',
        'holdpoint_review_decisions_total{tool="send_email_blast",group="finance",decision="edited",by="person"} 1',
      ]);
      const [sum] = await samples('holdpoint_review_time_to_decide_seconds_sum');
      expect(Number(sum?.split(' ').at(-1))).toBeGreaterThanOrEqual(90);
      expect(Number(sum?.split(' ').at(-1))).toBeLessThan(150);
    });

    it('waiting approvals, unfinished delivery → count and age of the oldest, by tool and group', async () => {
      await team.ask([{ group: 'legal', approvals: 1 }], { action: 'refund' });
      const at = team.store.clock().toISOString();
      const approvalId = await team.ask([{ group: 'legal', approvals: 1 }], { action: 'refund' });
      await team.database.kysely
        .transaction()
        .execute((transaction) =>
          addDelivery(transaction, { kind: 'decision', approvalId, url: 'http://127.0.0.1:9', body: '{}', at }),
        );
      shiftMs += 600_000;
      expect(await samples('holdpoint_review_waiting_approvals')).toEqual([
        'holdpoint_review_waiting_approvals{tool="refund",group="legal"} 2',
      ]);
      const seconds = async (name: string, label: string) =>
        Number(
          (await samples(name))
            .find((line) => line.includes(label))
            ?.split(' ')
            .at(-1),
        );
      expect(await seconds('holdpoint_review_oldest_waiting_seconds', 'legal')).toBeGreaterThanOrEqual(600);
      expect(await samples('holdpoint_review_outbox_deliveries')).toEqual([
        'holdpoint_review_outbox_deliveries{kind="decision"} 1',
        'holdpoint_review_outbox_deliveries{kind="notification"} 0',
      ]);
      expect(await seconds('holdpoint_review_outbox_oldest_seconds', 'decision')).toBeGreaterThanOrEqual(600);
      expect(await seconds('holdpoint_review_outbox_oldest_seconds', 'notification')).toBe(0);
    });

    it('more actions than series → the later ones are other', async () => {
      for (let number = 1; number <= 100; number += 1) metrics.tool(`made-up-${number}`);
      expect(metrics.tool('made-up-later')).toBe('other');
      expect(metrics.tool('refund')).toBe('refund');
    });
  });
});

describe('/metrics of the server', () => {
  it('requests, decisions and deliveries → no key needed, routes as patterns', async () => {
    const server = await startTestServer('sqlite::memory:');
    try {
      const { body } = await server.ask();
      await server.get('/no-such-page', {});
      await server.get(`/api/approvals/${body.id}`);
      await server.decide(body.id, { decision: 'approve', shown: await shownOf(body.id) });
      const { status, headers, text } = await server.get('/metrics', {});
      expect([status, headers.get('content-type')]).toEqual([200, expect.stringContaining('text/plain')]);
      expect(text).toContain('holdpoint_review_requests_total{method="GET",route="/api/approvals/:id",status="200"} 1');
      expect(text).toContain('by="person"} 1');
      expect(text).not.toContain(body.id);
      expect(text).not.toContain('no-such-page');
    } finally {
      await server.close();
    }

    async function shownOf(id: string): Promise<string> {
      return (await server.get<{ shown: string }>(`/reviewer-api/approvals/${id}`, await server.bearer())).body.shown;
    }
  });
});
