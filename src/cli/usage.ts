import { Option, type Command } from 'commander';
import type { ReadUsage, TokenUsage, Usage, UsageReport } from '../client.ts';
import { UsageError } from './connection.ts';
import { plain } from './plain.ts';
import { readTime } from './read-time.ts';
import { connectionOptions, runAction } from './run-action.ts';
import type { RunIo } from './run-io.ts';
import { table } from './table.ts';

const groupings = ['run', 'assistant', 'caller', 'model'] as const;

/** `holdpoint usage`: tokens and cost. */
export function registerUsage(program: Command, io: RunIo): void {
  const usage = connectionOptions(program.command('usage').description('show tokens and cost of runs'))
    .addOption(new Option('--by <group>', 'one line for each of these').choices(groupings).default('assistant'))
    .option('--since <time>', 'only answers of the model since: 2026-11-30T08:00:00Z, or a span such as "2 days"')
    .option('--until <time>', 'only answers of the model before this time')
    .option('--assistant <name>', 'only of this assistant')
    .option('--caller <name>', 'only of runs that this caller started')
    .option('--limit <number>', 'lines, at most 1000', '100');
  usage.action(() =>
    runAction(usage, io, async ({ client, print }) => {
      const { by, since, until, assistant, caller, limit } = usage.opts<Omit<ReadUsage, 'limit'> & { limit: string }>();
      const report = await client.usage({
        by,
        since: since && readTime('--since', since),
        until: until && readTime('--until', until),
        assistant,
        caller,
        limit: readLines(limit),
      });
      print(report, () => usageTable(by ?? 'assistant', report));
    }),
  );
}

/** Tokens and cost in columns, with the total as the last line. */
function usageTable(by: string, { total, groups, moreGroups }: UsageReport): string {
  if (total.turns === 0) return 'No turns.';
  const row = (name: string, usage: Usage) => [
    name,
    String(usage.turns),
    countText(usage.input),
    countText(usage.cachedInput),
    countText(usage.output),
    countText(usage.reasoning),
    costText(usage),
  ];
  return [
    table(
      [by, 'turns', 'input', 'cached', 'output', 'reasoning', 'cost'],
      [
        ...groups.map(({ name, usage }) => row(name === null ? '(not known)' : plain(name), usage)),
        ...(moreGroups > 0 ? [[`… ${moreGroups} more`, '', '', '', '', '', '']] : []),
        row('total', total),
      ],
    ),
    ...(total.turnsWithoutTokens > 0
      ? [`Of ${turns(total.turnsWithoutTokens)} the model server reported no tokens. The sums lack them.`]
      : []),
    ...(total.costs.length > 0 && total.turnsWithoutCost > 0
      ? [`${turns(total.turnsWithoutCost)} without a price or without tokens. The costs lack them.`]
      : []),
  ].join('\n');
}

function turns(count: number): string {
  return `${count} ${count === 1 ? 'turn' : 'turns'}`;
}

function countText(count: number | null): string {
  return count === null ? 'not reported' : String(count);
}

function costText({ costs }: Usage): string {
  return costs.length === 0 ? 'no price' : costs.map(({ amount, currency }) => `${amount} ${currency}`).join(', ');
}

/** Tokens of a turn or run in words. */
export function tokensText(usage: TokenUsage | null): string {
  if (usage === null || (usage.input === null && usage.output === null)) return 'tokens not reported';
  const cached = usage.cachedInput === null ? '' : ` (${usage.cachedInput} cached)`;
  const reasoning = usage.reasoning === null ? '' : ` (${usage.reasoning} reasoning)`;
  return `${countText(usage.input)} in${cached}, ${countText(usage.output)} out${reasoning}`;
}

/** @throws UsageError unless it is a whole number from 1 to 1,000. */
function readLines(text: string): number {
  const lines = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (lines >= 1 && lines <= 1000) return lines;
  throw new UsageError(`--limit must be a whole number from 1 to 1000, not "${text}".`);
}
