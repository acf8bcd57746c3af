import { OpenAPIHono } from '@hono/zod-openapi';
import { stream } from 'hono/streaming';
import { stringify } from 'csv-stringify/sync';
import {
  auditListSchema,
  auditVerdictSchema,
  exportAuditSchema,
  listAuditSchema,
  type AuditEntry,
} from '../contract/audit.ts';
import { addRoute } from '../openapi/add-route.ts';
import { auditRows, listAudit, toEntry, verifyAudit } from '../store/audit-trail.ts';
import { linkAuditSoon } from '../store/link-audit.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { adminOrAuditor } from './admin-access.ts';
import { check } from './read-body.ts';
import type { ReviewerVariables } from './reviewer-session.ts';

const columnNames = ['sequence', 'at', 'actor', 'event', 'subject', 'facts', 'previousHash', 'hash'];

/** The audit, read-only: list, verify, export. */
export function auditRoutes(store: ReviewStore): OpenAPIHono<ReviewerVariables> {
  const { clock } = store;
  const { reads } = store.database;
  const routes = new OpenAPIHono<ReviewerVariables>();
  addRoute(
    routes,
    {
      method: 'get',
      path: '/audit',
      tag: 'audit',
      summary: 'List the audit, newest first',
      query: listAuditSchema,
      answer: auditListSchema,
    },
    async (c) => {
      adminOrAuditor(c);
      return c.json(await listAudit(reads, check(listAuditSchema, c.req.query())));
    },
  );
  addRoute(
    routes,
    {
      method: 'get',
      path: '/audit/verify',
      tag: 'audit',
      summary: 'Verify the hash chain, and that requests and decisions are recorded',
      answer: auditVerdictSchema,
    },
    async (c) => {
      adminOrAuditor(c);
      await linkAuditSoon(store);
      return c.json(await verifyAudit(reads, clock()));
    },
  );
  addRoute(
    routes,
    {
      method: 'get',
      path: '/audit/export',
      tag: 'audit',
      summary: 'Download all rows as a file, oldest first, unlinked ones at the end',
      query: exportAuditSchema,
      answer: 'application/jsonl, text/csv',
    },
    async (c) => {
      adminOrAuditor(c);
      const { format } = check(exportAuditSchema, c.req.query());
      await linkAuditSoon(store);
      c.header('content-type', format === 'csv' ? 'text/csv; charset=utf-8' : 'application/jsonl; charset=utf-8');
      c.header(
        'content-disposition',
        `attachment; filename="holdpoint-audit-${clock().toISOString().slice(0, 10)}.${format}"`,
      );
      // A HEAD request has no reader, so writing would wait for ever.
      if (c.req.method === 'HEAD') return c.body(null);
      return stream(c, async (out) => {
        if (format === 'csv') await out.write(csvLine(columnNames));
        for await (const row of auditRows(reads)) {
          if (out.aborted) return;
          await out.write(format === 'csv' ? csvLine(csvValues(toEntry(row))) : `${JSON.stringify(toEntry(row))}\n`);
        }
      });
    },
  );
  return routes;
}

function csvValues({ facts, ...entry }: AuditEntry): string[] {
  const values: Record<string, string | number | null> = { ...entry, facts: JSON.stringify(facts) };
  return columnNames.map((column) => String(values[column] ?? ''));
}

// Spreadsheets run text that looks like a formula, and people choose the names of actors.
function csvLine(values: readonly string[]): string {
  return stringify([[...values]], { escape_formulas: true });
}
