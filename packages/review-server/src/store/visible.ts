import { sql, type Expression, type Kysely, type SqlBool } from 'kysely';
import { type Addressee, addressesWithOthers, maySee, type Person, type View, viewOf } from '../policy/may-decide.ts';
import type { StoredApproval } from './approval.ts';
import { openGroups, openGroupsFor } from './groups.ts';
import { readPerson } from './people.ts';
import { readStages } from './requirement.ts';
import type { ReviewStore } from './review-store.ts';
import type { ReviewTables } from './tables.ts';

/** The part that this person may see now. */
export async function readView(kysely: Kysely<ReviewTables>, person: Person): Promise<View> {
  return viewOf(person, await openGroups(kysely));
}

/** SQL of `isVisible` for the row of `approvals`. Undefined if this person sees all that there are. */
export async function visibleTo(
  kysely: Kysely<ReviewTables>,
  person: Person,
): Promise<Expression<SqlBool> | undefined> {
  return visibleIn(kysely, await readView(kysely, person));
}

/** SQL of the rows of `approvals` in this view. Undefined if it shows all that there are. */
export async function visibleIn(kysely: Kysely<ReviewTables>, view: View): Promise<Expression<SqlBool> | undefined> {
  if (view === 'none') return sql<SqlBool>`1 = 0`;
  if (view === 'all' || !(await hasRequirements(kysely))) return undefined;
  const { own, open } = view;
  const addressees = sql`select 1 from addressees where addressees.approval_id = approvals.id`;
  return sql<SqlBool>`(approvals.addressed = 0 or exists (${addressees} and ${isIn(own)}) or (exists (${addressees} and ${isIn(open)}) and not exists (${addressees} and addressee like 'group:%' and not ${isIn(open)})))`;
}

/** True if this person may see this approval. */
export async function isVisible(
  kysely: Kysely<ReviewTables>,
  approval: StoredApproval,
  person: Person,
): Promise<boolean> {
  if (approval.addressed === 0) return viewOf(person, []) !== 'none';
  const addressees = (await readStages(kysely, [approval])).get(approval.id)!.flatMap((stage) => stage.addressees);
  return maySee(person, addressees, await openGroupsFor(kysely, addressees));
}

/** True if some approval has a requirement. Without one, every reviewer sees every approval. */
export async function hasRequirements(kysely: Kysely<ReviewTables>): Promise<boolean> {
  return (await kysely.selectFrom('stages').select('number').limit(1).executeTakeFirst()) !== undefined;
}

/** Those of the ids that the user may not see. */
export async function hiddenFrom(
  { database: { reads: kysely }, clock }: Pick<ReviewStore, 'database' | 'clock'>,
  userId: string,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const person = await readPerson(kysely, userId, clock());
  const visible = await (person === undefined ? visibleIn(kysely, 'none') : visibleTo(kysely, person));
  if (visible === undefined) return new Set();
  const seen = await kysely.selectFrom('approvals').select('id').where('id', 'in', ids).where(visible).execute();
  const shown = new Set(seen.map(({ id }) => id));
  return new Set(ids.filter((id) => !shown.has(id)));
}

/** SQL: the row of `approvals` is open and may wait for a vote of this person. The policy has the last word. */
export function mayWaitFor(person: Person): Expression<SqlBool> {
  const turn = sql`exists (select 1 from addressees where addressees.approval_id = approvals.id and addressees.stage = approvals.stage and ${isIn(addressesWithOthers(person))})`;
  const voted = sql`exists (select 1 from votes where votes.approval_id = approvals.id and votes.version = approvals.version and ${person.id} in (voter, on_behalf_of))`;
  return sql<SqlBool>`(approvals.status = 'PENDING' and (approvals.addressed = 0 or ${turn}) and not ${voted})`;
}

/** SQL: the row of `approvals` takes no vote of this person now: others have to decide, or this person has voted. */
export function isForOthers(person: Person): Expression<SqlBool> {
  return sql<SqlBool>`(approvals.addressed <> 0 and not ${mayWaitFor(person)})`;
}

function isIn(addressees: readonly Addressee[]): Expression<SqlBool> {
  return addressees.length === 0 ? sql<SqlBool>`1 = 0` : sql<SqlBool>`addressee in (${sql.join(addressees)})`;
}
