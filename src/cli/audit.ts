import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { makePrivateFile } from '@holdpoint/database/private-files';
import { Option, type Command } from 'commander';
import {
  auditEntrySchema,
  type AuditVerdict,
  type ChainedRow,
  type UnlinkedRow,
  verifyChain,
} from '@holdpoint/review-server/contract';
import { adminAction, adminOptions } from './admin-action.ts';
import { CommandFailed, UsageError } from './connection.ts';
import type { RunIo } from './run-io.ts';

async function write(rows: Readable, file: string): Promise<void> {
  makePrivateFile(file);
  await pipeline(rows, createWriteStream(file));
}

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
      const server = file === undefined ? await session() : undefined;
      // Verified here, so that the result does not depend on the server that keeps the rows.
      const chain = await verifyLines(
        server === undefined ? createReadStream(file!) : await server.download('/audit/export'),
        wanted,
      );
      // Only the server can compare its approvals with the audit.
      const there = chain.ok ? await server?.call('GET /audit/verify') : undefined;
      const verdict = there === undefined || there.ok ? chain : there;
      print(verdict, () =>
        verdict.ok
          ? `The audit is intact: ${verdict.rows} rows.${notLinked(verdict)}\nNewest row, to note elsewhere: ${verdict.rows}:${verdict.head}`
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
        await write(rows, output).catch((cause: unknown) => {
          if (cause instanceof CommandFailed) throw cause;
          throw new CommandFailed(`${output} can't be written: ${(cause as Error).message}`, { cause });
        });
    }),
  );
}

function notLinked({ unlinked }: AuditVerdict & { ok: true }): string {
  if (unlinked === 0) return '';
  return ` ${unlinked === 1 ? '1 newer entry is' : `${unlinked} newer entries are`} not linked to them yet.`;
}

async function verifyLines(source: Readable, noted: Noted | undefined): Promise<AuditVerdict> {
  let found = noted === undefined;
  let unlinked = 0;
  async function* rows(): AsyncGenerator<ChainedRow> {
    let number = 0;
    for await (const line of createInterface({ input: source, crlfDelay: Number.POSITIVE_INFINITY })) {
      number += 1;
      const row = readRow(line, number);
      // They come last.
      if (row.sequence === null) {
        unlinked += 1;
        continue;
      }
      if (unlinked > 0) throw new CommandFailed(`Line ${number} is a linked row after one that is not linked.`);
      if (noted !== undefined && row.sequence === noted.sequence) found = row.hash === noted.hash;
      yield row;
    }
  }
  const verdict = await verifyChain(rows()).catch((cause: NodeJS.ErrnoException) => {
    if (cause instanceof CommandFailed) throw cause;
    throw new CommandFailed(`The rows can't be read: ${cause.message}`, { cause });
  });
  if (!verdict.ok) return verdict;
  if (found) return { ...verdict, unlinked };
  return {
    ok: false,
    sequence: noted!.sequence,
    problem: 'It differs from the noted row: the chain was rewritten or cut since.',
  };
}

function readRow(line: string, number: number): ChainedRow | UnlinkedRow {
  try {
    const { facts, sequence, previousHash, hash, ...rest } = auditEntrySchema.parse(JSON.parse(line));
    const row = { ...rest, facts: JSON.stringify(facts) };
    if (sequence === null) return { ...row, sequence, previous_hash: null, hash: null };
    // A linked row without its hashes is broken: no hash is empty.
    return { ...row, sequence, previous_hash: previousHash ?? '', hash: hash ?? '' };
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
