import { Option, type Command } from 'commander';
import type { RunRemovalReport } from '../client.ts';
import { shortestRetentionMs, type RemovalReport } from '@holdpoint/review-server/contract';
import { durationMs } from '../schemas/duration.ts';
import { signIn } from './admin-action.ts';
import { UsageError } from './connection.ts';
import { plain } from './plain.ts';
import { connectionOptions, runAction, type Tools } from './run-action.ts';
import type { RunIo } from './run-io.ts';

/** Closed ones that are old, or about a subject. */
type Wanted = { before: string } | { field: string; value: string };

/** One report of both servers. `more` of each is false: the command repeats until nothing is left. */
type Report = { dryRun: boolean; runs: RunRemovalReport | null; approvals: RemovalReport | null };

type Flags = { dryRun?: true; yes?: true; only?: 'runs' | 'approvals'; reviewUrl?: string };

/** Removes a part of what is wanted, or counts all of it. */
type Step<Part> = (dryRun: boolean) => Promise<Part>;

/** `holdpoint purge` and `holdpoint erase`: remove closed runs and approvals, by age or by whom they are about. */
export function registerRemovals(program: Command, io: RunIo): void {
  const purge = removalOptions(
    program
      .command('purge')
      .description('remove closed runs and approvals that are old; the audit stays and still verifies')
      .requiredOption('--older-than <span>', 'age since the end or the decision, such as 90d; a day at least'),
  );
  purge.action(() =>
    runAction(purge, io, async (tools) => {
      const { olderThan } = purge.opts<{ olderThan: string }>();
      const span = durationMs(olderThan);
      if (span === undefined || span < shortestRetentionMs)
        throw new UsageError(`--older-than ${plain(olderThan)} must be a span of a day at least, such as 90d.`);
      await remove(tools, purge.opts<Flags>(), { before: new Date(Date.now() - span).toISOString() });
    }),
  );

  const erase = removalOptions(
    program
      .command('erase')
      .description('remove closed runs and approvals about a person or a thing; the audit stays and still verifies')
      .requiredOption(
        '--subject <field=value>',
        'a field of the context, such as customer.id=c_17; of approvals also of the arguments and the metadata, subject=… and onBehalfOf=…',
      ),
  );
  erase.action(() =>
    runAction(erase, io, async (tools) => {
      const { subject } = erase.opts<{ subject: string }>();
      const [, field, value] = /^([^=]+)=(.+)$/s.exec(subject) ?? [];
      if (field === undefined || value === undefined)
        throw new UsageError('--subject must be a field and its value, such as customer.id=c_17.');
      await remove(tools, erase.opts<Flags>(), { field, value });
    }),
  );
}

function removalOptions(command: Command): Command {
  return connectionOptions(command)
    .option(
      '--review-url <url>',
      'address of the review server; default: CHEQPOINT_BASE_URL, else the running "holdpoint dev"',
    )
    .addOption(new Option('--only <part>', 'leave the other part as it is').choices(['runs', 'approvals']))
    .option('--dry-run', 'count, and remove nothing')
    .option('--yes', 'remove without asking for confirmation');
}

async function remove(tools: Tools, flags: Flags, wanted: Wanted): Promise<void> {
  const { io, print } = tools;
  const { dryRun = false, yes = false, only, reviewUrl } = flags;
  const removeRuns: Step<RunRemovalReport> = (counts) =>
    tools.client.remove(
      'before' in wanted ? { quietSince: wanted.before, dryRun: counts } : { ...wanted, dryRun: counts },
    );
  const reviewer = only === 'runs' ? undefined : await signIn(io, reviewUrl);
  const removeApprovals: Step<RemovalReport> = (counts) =>
    reviewer!.call('POST /removals', {
      body: 'before' in wanted ? { decidedBefore: wanted.before, dryRun: counts } : { ...wanted, dryRun: counts },
    });

  const found: Report = {
    dryRun: true,
    runs: only === 'approvals' ? null : await removeRuns(true),
    approvals: only === 'runs' ? null : await removeApprovals(true),
  };
  const count = (found.runs?.runs ?? 0) + (found.approvals?.approvals ?? 0);
  if (!dryRun && count > 0) await confirm(io, yes, found);
  const report: Report =
    dryRun || count === 0
      ? { ...found, dryRun }
      : {
          dryRun,
          runs: found.runs && (await untilDone(removeRuns, (sum, each) => ({ ...each, runs: sum.runs + each.runs }))),
          approvals:
            found.approvals &&
            (await untilDone(removeApprovals, (sum, each) => ({ ...each, approvals: sum.approvals + each.approvals }))),
        };
  print(report, () => reportText(report));
  if ([report.runs, report.approvals].some((part) => (part?.open.length ?? 0) > 0)) io.setExitCode(1);
}

async function confirm(io: RunIo, yes: boolean, { runs, approvals }: Report): Promise<void> {
  if (yes) return;
  if (io.confirm === undefined) throw new UsageError('There is no terminal to confirm on: add --yes.');
  const what = [runs && counted(runs.runs, 'run'), approvals && counted(approvals.approvals, 'approval')];
  if (!(await io.confirm(`Remove ${what.filter(Boolean).join(' and ')} for good?`)))
    throw new UsageError('Nothing was removed.');
}

async function untilDone<Part extends { more: boolean; rows: Record<string, number> }>(
  step: Step<Part>,
  add: (sum: Part, each: Part) => Part,
): Promise<Part> {
  let sum = await step(false);
  while (sum.more) {
    const each = await step(false);
    const rows = { ...sum.rows };
    for (const [table, count] of Object.entries(each.rows)) rows[table] = (rows[table] ?? 0) + count;
    sum = { ...add(sum, each), rows };
  }
  return sum;
}

function reportText({ dryRun, runs, approvals }: Report): string {
  const said = dryRun ? 'would be removed' : 'removed';
  const lines = (noun: string, count: number, { rows, open }: { rows: Record<string, number>; open: string[] }) => [
    `${counted(count, noun)} ${said}.`,
    ...Object.entries(rows).map(([table, rowCount]) => `  ${table}: ${counted(rowCount, 'row')}`),
    ...(open.length === 0
      ? []
      : [
          `${counted(open.length, `open ${noun}`)} about it: decide or cancel, then erase again.`,
          ...open.map((id) => `  ${plain(id)}`),
        ]),
  ];
  return [
    ...(runs === null ? [] : lines('run', runs.runs, runs)),
    ...(approvals === null ? [] : lines('approval', approvals.approvals, approvals)),
  ].join('\n');
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
