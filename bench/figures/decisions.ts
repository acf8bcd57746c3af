import { createPostgresClient } from '@holdpoint/database';
import { filledId, fillApprovals, numbered } from '../../test/support/fill-approvals.ts';
import { startPostgres } from '../../test/support/postgres.ts';
import { inFlight } from '../measure/in-flight.ts';
import { median, spreadOf } from '../measure/spread.ts';
import type { Fact, Measurement } from '../measurement.ts';
import { delayDatabase } from '../stage/delayed-database.ts';

const replyDelayMs = 3;
const deciders = 10;
/** The trigger of an earlier form counts as one statement of those that held the head. */
const forms = {
  sequencer: { name: 'linked after the commit', trigger: undefined },
  two: { name: 'head held for two statements and the commit', trigger: { roundTripsMore: 1 } },
  three: { name: 'head held for three statements and the commit', trigger: { roundTripsMore: 2 } },
  none: { name: 'no audit: the statement of the entry writes nothing', trigger: 'nothing' },
} as const;
type Form = keyof typeof forms;
const formNames = Object.keys(forms) as Form[];

/**
 * Decisions a second of ten deciders at two review servers, with a delay to PostgreSQL. Earlier forms of the audit are
 * a trigger at the insert of the entry. It takes the head's lock, writes the same rows, and waits in the database for
 * the round trips of the further statements.
 */
export const decisions: Measurement = {
  name: 'decisions a second',
  figures: ['decisions'],
  async measure({ stage, scale, progress }) {
    const postgres = await startPostgres({ waitsForDisk: true });
    if (postgres === undefined) {
      progress('left out: PostgreSQL is not installed');
      return { results: [], facts: [] };
    }
    const databaseUrl = await postgres.createDatabase();
    const network = await delayDatabase(databaseUrl, replyDelayMs);
    const servers = [await stage.startReviewServer(network.url), await stage.startReviewServer(network.url)];
    const direct = createPostgresClient(databaseUrl);
    try {
      await direct.connect();
      const count = formNames.length * (scale.rounds + 1) * scale.decisionsAtAudit;
      await fillApprovals(databaseUrl, count, { approval: (number) => ({ ...numbered(number), pending: true }) });
      const roundTripMs = await roundTrip(network.url);
      let next = 0;
      const decideAll = async () => {
        const numbers = Array.from({ length: scale.decisionsAtAudit }, () => next++);
        const began = performance.now();
        await inFlight(numbers, deciders, async (number) => {
          const { reviewer } = servers[number % servers.length]!;
          const status = await reviewer.decide(filledId(number), { decision: 'approve' });
          if (status !== 200) throw new Error(`A decision was answered with ${status}.`);
        });
        return (numbers.length * 1000) / (performance.now() - began);
      };
      const rates: Record<Form, number[]> = { sequencer: [], two: [], three: [], none: [] };
      // Round 0 warms up.
      for (let round = 0; round <= scale.rounds; round += 1) {
        for (const form of formNames) {
          progress(`${round === 0 ? 'warming up' : `round ${round} of ${scale.rounds}`}, ${forms[form].name}`);
          await direct.query(triggerOf(form, roundTripMs));
          const rate = await decideAll();
          if (round > 0) rates[form].push(rate);
        }
      }
      const against = (form: Form) => rates[form].map((rate, round) => rate / rates.none[round]!);
      const topic = `Decisions with ${deciders} deciders, two review servers and PostgreSQL`;
      return {
        results: [
          {
            id: 'decisions',
            values: { '': median(against('sequencer')) },
            spreads: { '': spreadOf(against('sequencer')) },
          },
        ],
        facts: [
          { topic, name: 'round trip to the database', column: 'measured', unit: 'ms', value: roundTripMs },
          ...formNames.flatMap((form): Fact[] => [
            {
              topic,
              name: forms[form].name,
              column: 'measured',
              unit: '1/s',
              value: median(rates[form]),
              spread: spreadOf(rates[form]),
            },
            {
              topic,
              name: forms[form].name,
              column: 'against no audit',
              unit: '×',
              value: median(against(form)),
              spread: spreadOf(against(form)),
            },
          ]),
        ],
      };
    } finally {
      await direct.end();
      for (const { server } of servers) await server.stop();
      await network.close();
      await postgres.stop();
    }
  },
};

async function roundTrip(url: string): Promise<number> {
  const client = createPostgresClient(url);
  await client.connect();
  const taken: number[] = [];
  for (let count = 0; count < 50; count += 1) {
    const from = performance.now();
    await client.query('select 1');
    taken.push(performance.now() - from);
  }
  await client.end();
  return median(taken);
}

function triggerOf(form: Form, roundTripMs: number): string {
  const { trigger } = forms[form];
  const remove = 'drop trigger if exists bench_form on audit_pending';
  if (trigger === undefined) return remove;
  const body =
    trigger === 'nothing'
      ? ''
      : `update audit_head set sequence = sequence + 1 returning sequence into head;
         insert into audit (sequence, at, actor, event, subject, facts, previous_hash, hash)
           values (head, new.at, new.actor, new.event, new.subject, new.facts, repeat('0', 64), repeat('0', 64));
         perform pg_sleep(${(trigger.roundTripsMore * roundTripMs) / 1000});`;
  return `${remove};
    create or replace function bench_form() returns trigger language plpgsql as $$
      declare head integer;
      begin ${body} return null; end $$;
    create trigger bench_form before insert on audit_pending for each row execute function bench_form()`;
}
