import type { Command } from 'commander';
import type { RemovalReport, RemoveApprovals } from '@holdpoint/review-server/contract';
import { shortestRetentionMs } from '@holdpoint/review-server/contract';
import { durationMs } from '../schemas/duration.ts';
import { adminAction, adminOptions, type AdminTools } from './admin-action.ts';
import { UsageError } from './connection.ts';
import { plain } from './plain.ts';
import type { RunIo } from './run-io.ts';

/** `holdpoint purge` and `holdpoint erase`: remove closed approvals, by age or by whom they are about. */
export function registerRemovals(program: Command, io: RunIo): void {
  const purge = removalOptions(
    program
      .command('purge')
      .description('remove approvals that were decided long ago; the audit stays and still verifies')
      .requiredOption('--older-than <span>', 'age since the decision, such as 90d; a day at least'),
  );
  purge.action(() =>
    adminAction(purge, io, async (tools) => {
      const { olderThan } = purge.opts<{ olderThan: string }>();
      const span = durationMs(olderThan);
      if (span === undefined || span < shortestRetentionMs)
        throw new UsageError(`--older-than ${plain(olderThan)} must be a span of a day at least, such as 90d.`);
      await remove(tools, purge, { decidedBefore: new Date(Date.now() - span).toISOString() });
    }),
  );

  const erase = removalOptions(
    program
      .command('erase')
      .description('remove the closed approvals that are about a person or a thing; the audit stays and still verifies')
      .requiredOption(
        '--subject <field=value>',
        'a field of the arguments, the context or the metadata, such as customer.id=c_17; or subject=…, onBehalfOf=…',
      ),
  );
  erase.action(() =>
    adminAction(erase, io, async (tools) => {
      const { subject } = erase.opts<{ subject: string }>();
      const [, field, value] = /^([^=]+)=(.+)$/s.exec(subject) ?? [];
      if (field === undefined || value === undefined)
        throw new UsageError('--subject must be a field and its value, such as customer.id=c_17.');
      await remove(tools, erase, { field, value });
    }),
  );
}

function removalOptions(command: Command): Command {
  return adminOptions(command)
    .option('--dry-run', 'count, and remove nothing')
    .option('--yes', 'remove without asking for confirmation');
}

type Wanted = { decidedBefore: string } | { field: string; value: string };

async function remove({ session, io, print }: AdminTools, command: Command, wanted: Wanted): Promise<void> {
  const { dryRun = false, yes = false } = command.opts<{ dryRun?: boolean; yes?: boolean }>();
  const reviewer = await session();
  const call = async (body: RemoveApprovals) => await reviewer.call('POST /removals', { body });
  const found = await call({ ...wanted, dryRun: true });
  if (!dryRun && found.approvals > 0 && !yes) {
    if (io.confirm === undefined) throw new UsageError('There is no terminal to confirm on: add --yes.');
    const question = `Remove ${counted(found.approvals, 'approval')} for good?`;
    if (!(await io.confirm(question))) throw new UsageError('Nothing was removed.');
  }
  const total: RemovalReport = { ...found, dryRun, approvals: dryRun ? found.approvals : 0 };
  for (let more = !dryRun && found.approvals > 0; more;) {
    const report = await call({ ...wanted, dryRun: false });
    total.approvals += report.approvals;
    for (const [table, count] of Object.entries(report.rows)) total.rows[table] = (total.rows[table] ?? 0) + count;
    total.open = report.open;
    ({ more } = report);
    if (more) io.stderr.write(`${counted(total.approvals, 'approval')} removed …\n`);
  }
  print(total, () => reportText(total));
  if (total.open.length > 0) io.setExitCode(1);
}

function reportText({ dryRun, approvals, rows, open }: RemovalReport): string {
  const said = dryRun ? 'would be removed' : 'removed';
  const tables = Object.entries(rows).map(([table, count]) => `  ${table}: ${counted(count, 'row')}`);
  const waiting =
    open.length === 0
      ? []
      : [
          `${counted(open.length, 'open approval')} about it stay. Decide them or cancel their runs, then erase again:`,
          ...open.map((id) => `  ${plain(id)}`),
        ];
  return [`${counted(approvals, 'approval')} ${said}.`, ...tables, ...waiting].join('\n');
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
