import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Option, type Command } from 'commander';
import { auditEntrySchema, type AuditVerdict, type ChainedRow, verifyChain } from '@holdpoint/review-server/contract';
import { adminAction, adminOptions } from './admin-action.ts';
import { CommandFailed, UsageError } from './connection.ts';
import type { RunIo } from './run-io.ts';

type Noted = { sequence: number; hash: string };

/** `holdpoint audit …`: verify, export. */
export function registerAudit(program: Command, io: RunIo): void {
  const audit = program.command('audit').description("verify and export the audit of Holdpoint's review server");

  const verify = adminOptions(audit.command('verify').description('verify the hash chain on this machine'))
    .option('--file <file>', 'verify a JSON Lines export instead of the server')
    .option('--noted <row:hash>', 'newest row of an earlier check, which must still be unchanged');
  verify.action(() =>
    adminAction(verify, io, async ({ session, print }) => {
      const { file, noted } = verify.opts<{ file?: string; noted?: string }>();
      const wanted = noted === undefined ? undefined : readNoted(noted);
      // Verified here, so that the result does not depend on the server that keeps the rows.
      const verdict = await verifyLines(
        file === undefined ? await (await session()).download('/audit/export') : createReadStream(file),
        wanted,
      );
      print(verdict, () =>
        verdict.ok
          ? `The audit is intact: ${verdict.rows} rows.\nNewest row, to note elsewhere: ${verdict.rows}:${verdict.head}`
          : `The audit is broken at row ${verdict.sequence}: ${verdict.problem}`,
      );
      if (!verdict.ok) io.setExitCode(1);
    }),
  );

  const save = adminOptions(audit.command('export').description('export all rows, oldest first'))
    .addOption(
      new Option('--format <format>', 'jsonl for "audit verify", csv for spreadsheets')
        .choices(['jsonl', 'csv'])
        .default('jsonl'),
    )
    .option('--output <file>', 'file to write; default: standard output');
  save.action(() =>
    adminAction(save, io, async ({ session }) => {
      const { format, output } = save.opts<{ format: string; output?: string }>();
      const rows = await (await session()).download(`/audit/export?format=${format}`);
      if (output === undefined) {
        rows.setEncoding('utf8');
        for await (const part of rows) io.stdout.write(part as string);
      } else
        await pipeline(rows, createWriteStream(output)).catch((cause: unknown) => {
          if (cause instanceof CommandFailed) throw cause;
          throw new CommandFailed(`${output} can't be written: ${(cause as Error).message}`, { cause });
        });
    }),
  );
}

async function verifyLines(source: Readable, noted: Noted | undefined): Promise<AuditVerdict> {
  let found = noted === undefined;
  async function* rows(): AsyncGenerator<ChainedRow> {
    let number = 0;
    for await (const line of createInterface({ input: source, crlfDelay: Number.POSITIVE_INFINITY })) {
      number += 1;
      const row = readRow(line, number);
      if (row.sequence === noted?.sequence) found = row.hash === noted.hash;
      yield row;
    }
  }
  const verdict = await verifyChain(rows()).catch((cause: NodeJS.ErrnoException) => {
    if (cause instanceof CommandFailed) throw cause;
    throw new CommandFailed(`The rows can't be read: ${cause.message}`, { cause });
  });
  if (!verdict.ok || found) return verdict;
  return {
    ok: false,
    sequence: noted!.sequence,
    problem: 'It differs from the noted row: the chain was rewritten or cut since.',
  };
}

function readRow(line: string, number: number): ChainedRow {
  try {
    const { facts, previousHash, ...row } = auditEntrySchema.parse(JSON.parse(line));
    return { ...row, facts: JSON.stringify(facts), previous_hash: previousHash };
  } catch (cause) {
    throw new CommandFailed(
      `Line ${number} is not an audit row. Export one row per line with "audit export", without --format csv.`,
      { cause },
    );
  }
}

function readNoted(text: string): Noted {
  const [, sequence, hash] = /^(\d+):([0-9a-f]{64})$/.exec(text) ?? [];
  if (sequence === undefined || hash === undefined)
    throw new UsageError(
      '--noted must be a row number and its hash, such as 120:9f86d0…, as "audit verify" prints it.',
    );
  return { sequence: Number(sequence), hash };
}
