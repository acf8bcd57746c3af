import { z } from 'zod';
import { wireObject } from '@holdpoint/cheqpoint/wire';
import { pageFields } from './page-fields.ts';

/**
 * One row of the audit. `hash` covers all earlier rows through `previousHash`. `sequence` and both hashes are null while
 * the entry is committed and not linked to the chain yet, which takes about a second.
 */
export const auditEntrySchema = z.object({
  sequence: z.number().nullable(),
  at: z.string(),
  /** `reviewer:<name>`, `assistant:<name>`, `rule:<name>` or `system`. */
  actor: z.string(),
  event: z.string(),
  /** Id or name of the changed thing. */
  subject: z.string(),
  /** Payloads appear as digests only. */
  facts: wireObject,
  previousHash: z.string().nullable(),
  hash: z.string().nullable(),
});
export type AuditEntry = z.output<typeof auditEntrySchema>;
/** The query of `GET /audit`. Newest first. The first page has all unlinked entries, beyond `limit`. */
export const listAuditSchema = z.object({
  ...pageFields,
  actor: z.string().max(300).optional(),
  event: z.string().max(100).optional(),
  subject: z.string().max(300).optional(),
});
export const auditListSchema = z.object({ entries: z.array(auditEntrySchema), nextCursor: z.string().nullable() });

/** `GET /audit/verify`: the chain holds and each request and decision has its entry, or the first broken row. */
export const auditVerdictSchema = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    rows: z.number(),
    /** Hash of the newest row. */
    head: z.string(),
    /** Number of entries that are committed and not linked to the chain yet. */
    unlinked: z.number(),
  }),
  z.object({ ok: z.literal(false), sequence: z.number(), problem: z.string() }),
]);
export type AuditVerdict = z.output<typeof auditVerdictSchema>;
/** The query of `GET /audit/export`; answers with a file, oldest first. */
export const exportAuditSchema = z.object({ format: z.enum(['jsonl', 'csv']).default('jsonl') });
