import type { AuditVerdict } from './audit.ts';
import { sha256 } from '@holdpoint/json/digest';

/** A row of the audit as its hash covers it. */
export type ChainedRow = {
  /** From 1, without gaps. */
  sequence: number;
  at: string;
  actor: string;
  event: string;
  subject: string;
  /** JSON. Payloads appear as digests only. */
  facts: string;
  previous_hash: string;
  hash: string;
};

/** A committed entry that no server has added to the chain yet. */
export type UnlinkedRow = Omit<ChainedRow, 'sequence' | 'previous_hash' | 'hash'> & {
  sequence: null;
  previous_hash: null;
  hash: null;
};

/** SHA-256 in hex over the JSON list of the previous row's hash and this row's values in their order. */
export function auditHash({
  sequence,
  at,
  actor,
  event,
  subject,
  facts,
  previous_hash,
}: Omit<ChainedRow, 'hash'>): string {
  return sha256(JSON.stringify([previous_hash, sequence, at, actor, event, subject, facts]));
}

/** Verifies the chain from its first row, and names the first broken row. `head`: the newest row that must exist. */
export async function verifyChain(
  rows: AsyncIterable<ChainedRow>,
  head?: { sequence: number; hash: string },
): Promise<AuditVerdict> {
  let previous = { sequence: 0, hash: '' };
  for await (const row of rows) {
    const problem = problemOf(row, previous);
    if (problem !== undefined) return { ok: false, sequence: previous.sequence + 1, problem };
    previous = { sequence: row.sequence, hash: row.hash };
  }
  if (head !== undefined && head.sequence !== previous.sequence)
    return {
      ok: false,
      sequence: previous.sequence + 1,
      problem: `The newest row should be ${head.sequence}, but the rows end earlier.`,
    };
  if (head !== undefined && head.hash !== previous.hash)
    return { ok: false, sequence: head.sequence, problem: 'The newest row differs from the one appended last.' };
  return { ok: true, rows: previous.sequence, head: previous.hash, unlinked: 0 };
}

function problemOf(row: ChainedRow, previous: { sequence: number; hash: string }): string | undefined {
  if (row.sequence !== previous.sequence + 1)
    return `A row is missing: ${row.sequence} comes after ${previous.sequence}.`;
  if (row.previous_hash !== previous.hash) return 'The row does not follow from the one before it.';
  return row.hash === auditHash(row) ? undefined : 'The row was changed after it was written.';
}
