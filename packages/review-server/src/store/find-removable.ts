import { isExactNumber, isJsonObject } from '@holdpoint/json';
import type { Kysely, Selectable } from 'kysely';
import { reservedPart, toObject } from './approval.ts';
import type { ApprovalsTable, ReviewTables } from './tables.ts';

/** A field and its value as text, such as `customer.id` and `c_17`. */
export type SubjectField = { field: string; value: string };

type Searched = Pick<
  Selectable<ApprovalsTable>,
  'id' | 'status' | 'subject' | 'on_behalf_of' | 'details' | 'modified_details' | 'proposed_details' | 'metadata'
>;

const pageSize = 500;

/** Closed approvals that were decided before `before`, and whose callbacks have ended. The oldest first. */
export function decidedBefore(kysely: Kysely<ReviewTables>, before: string) {
  return kysely
    .selectFrom('approvals')
    .where('decided_at', '<', before)
    .where((is) =>
      is.not(
        is.exists(
          is
            .selectFrom('outbox')
            .select('outbox.id')
            .whereRef('outbox.approval_id', '=', 'approvals.id')
            .where('delivered_at', 'is', null)
            .where('abandoned_at', 'is', null),
        ),
      ),
    );
}

/**
 * The approvals that are about a subject: a field of the arguments, of an edit, of the run's context or of the metadata
 * has the value, or `subject` or `onBehalfOf` of the request.
 */
export async function approvalsAbout(
  kysely: Kysely<ReviewTables>,
  { field, value }: SubjectField,
): Promise<{ closed: string[]; open: string[] }> {
  const found = { closed: [] as string[], open: [] as string[] };
  const path = field.split('.');
  for (let after = ''; ;) {
    const page: Searched[] = await kysely
      .selectFrom('approvals')
      .select([
        'id',
        'status',
        'subject',
        'on_behalf_of',
        'details',
        'modified_details',
        'proposed_details',
        'metadata',
      ])
      .where('id', '>', after)
      .orderBy('id')
      .limit(pageSize)
      .execute();
    for (const approval of page)
      if (isAbout(approval, { field, value, path }))
        found[approval.status === 'PENDING' ? 'open' : 'closed'].push(approval.id);
    const last = page.at(-1);
    if (last === undefined) return found;
    after = last.id;
  }
}

function isAbout(approval: Searched, { field, value, path }: SubjectField & { path: readonly string[] }): boolean {
  if (field === 'subject' && approval.subject === value) return true;
  if (field === 'onBehalfOf' && approval.on_behalf_of === value) return true;
  return [approval.details, approval.modified_details, approval.proposed_details, approval.metadata].some((text) => {
    if (text === null) return false;
    const object = toObject(text);
    return hasAt(object, path, value) || hasAt(reservedPart(object)?.['context'], path, value);
  });
}

/** True if the value at the path is `value`, or a list with it. A key with points in its name counts too. */
function hasAt(found: unknown, path: readonly string[], value: string): boolean {
  if (path.length === 0)
    return Array.isArray(found) ? found.some((each) => asText(each) === value) : asText(found) === value;
  if (Array.isArray(found)) return found.some((each) => hasAt(each, path, value));
  if (!isJsonObject(found)) return false;
  return path.some((_, at) => {
    const key = path.slice(0, at + 1).join('.');
    return Object.hasOwn(found, key) && hasAt(found[key], path.slice(at + 1), value);
  });
}

function asText(found: unknown): string | undefined {
  if (typeof found === 'string') return found;
  return typeof found === 'number' || typeof found === 'boolean' || isExactNumber(found)
    ? JSON.stringify(found)
    : undefined;
}
