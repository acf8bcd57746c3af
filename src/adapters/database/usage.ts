import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { UsageTotals } from '../../domain/run-record.ts';
import type { UsageGroups, UsageSearch } from '../../gateway/ports.ts';
import type { Tables } from './tables.ts';

/** A sum of bigints fits into no number, and in SQLite not into an integer: costs are summed in two parts. */
const part = 1_000_000n;

const columns = {
  run: sql<string | null>`run.run_id`,
  assistant: sql<string | null>`turn.assistant`,
  caller: sql<string | null>`run.caller`,
  model: sql<string | null>`turn.model`,
} satisfies Record<UsageSearch['by'], RawBuilder<string | null>>;

type Row = {
  name: string | null;
  currency: string | null;
  turns: string;
  without_tokens: string;
  input: string | null;
  cached: string | null;
  output: string | null;
  reasoning: string | null;
  without_cost: string;
  cost_high: string | null;
  cost_low: string | null;
};

/** Sums of turns by group and currency. */
async function sums(
  database: Kysely<Tables>,
  name: RawBuilder<string | null>,
  { since, until, assistant, caller, firstRunId }: Omit<UsageSearch, 'by' | 'limit'> & { firstRunId?: string },
): Promise<Row[]> {
  const sum = (column: string) => sql<string | null>`cast(sum(${sql.ref(column)}) as text)`;
  let query = database
    .selectFrom('holdpoint_run_turns as turn')
    .leftJoin('holdpoint_runs as run', 'run.first_run_id', 'turn.first_run_id')
    .select([
      name.as('name'),
      'turn.currency as currency',
      sql<string>`cast(count(*) as text)`.as('turns'),
      sql<string>`cast(sum(case when turn.input_tokens is null and turn.output_tokens is null then 1 else 0 end) as text)`.as(
        'without_tokens',
      ),
      sum('turn.input_tokens').as('input'),
      sum('turn.cached_input_tokens').as('cached'),
      sum('turn.output_tokens').as('output'),
      sum('turn.reasoning_tokens').as('reasoning'),
      sql<string>`cast(sum(case when turn.cost_pico is null then 1 else 0 end) as text)`.as('without_cost'),
      sql<string | null>`cast(sum(turn.cost_pico / ${sql.lit(Number(part))}) as text)`.as('cost_high'),
      sql<string | null>`cast(sum(turn.cost_pico % ${sql.lit(Number(part))}) as text)`.as('cost_low'),
    ])
    .groupBy([name, 'turn.currency']);
  if (firstRunId !== undefined) query = query.where('turn.first_run_id', '=', firstRunId);
  if (since !== undefined) query = query.where('turn.ended_at', '>=', since);
  if (until !== undefined) query = query.where('turn.ended_at', '<', until);
  if (assistant !== undefined) query = query.where('turn.assistant', '=', assistant);
  if (caller !== undefined) query = query.where('run.caller', '=', caller);
  return await query.execute();
}

/** Tokens and cost of all turns of a run. */
export async function usageOfRun(database: Kysely<Tables>, firstRunId: string): Promise<UsageTotals> {
  return totals(await sums(database, sql<string>`turn.first_run_id`, { firstRunId }));
}

/** Tokens and cost by group, the most tokens first. */
export async function usageByGroup(
  database: Kysely<Tables>,
  { by, limit, ...filter }: UsageSearch,
): Promise<UsageGroups> {
  const rows = await sums(database, columns[by], filter);
  const byName = Map.groupBy(rows, ({ name }) => name);
  const groups = [...byName]
    .map(([name, some]) => ({ name, usage: totals(some) }))
    .toSorted((a, b) => tokens(b.usage) - tokens(a.usage) || (a.name ?? '').localeCompare(b.name ?? ''));
  return { total: totals(rows), groups: groups.slice(0, limit), moreGroups: Math.max(0, groups.length - limit) };
}

function tokens({ input, output }: UsageTotals): number {
  return (input ?? 0) + (output ?? 0);
}

function totals(rows: readonly Row[]): UsageTotals {
  const add = (pick: (row: Row) => string | null): number | null => {
    const known = rows.map(pick).filter((text) => text !== null);
    return known.length === 0 ? null : known.reduce((sum, text) => sum + Number(text), 0);
  };
  const costs = new Map<string, bigint>();
  for (const { currency, cost_high: high, cost_low: low } of rows) {
    if (currency === null || high === null || low === null) continue;
    costs.set(currency, (costs.get(currency) ?? 0n) + BigInt(high) * part + BigInt(low));
  }
  return {
    turns: add(({ turns }) => turns) ?? 0,
    turnsWithoutTokens: add((row) => row.without_tokens) ?? 0,
    input: add(({ input }) => input),
    cachedInput: add(({ cached }) => cached),
    output: add(({ output }) => output),
    reasoning: add(({ reasoning }) => reasoning),
    costs: [...costs]
      .map(([currency, pico]) => ({ pico, currency }))
      .toSorted((a, b) => a.currency.localeCompare(b.currency)),
    turnsWithoutCost: add((row) => row.without_cost) ?? 0,
  };
}
