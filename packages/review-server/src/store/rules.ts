import { randomBytes } from 'node:crypto';
import { sql, type Kysely, type Selectable, type Transaction } from 'kysely';
import type { ChangeRule, CreateRule, Rule, RuleCondition } from '../contract/review-admin.ts';
import type { RuleSeed } from '../options.ts';
import { appendAudit } from './audit.ts';
import type { ReviewStore } from './review-store.ts';
import type { ReviewTables, RulesTable } from './tables.ts';

/** Result of changing the rules. */
export type RuleResult = { outcome: 'done'; rule: Rule } | { outcome: 'not-found' } | { outcome: 'name-taken' };

/** All rules in the order of evaluation. */
export async function listRules(kysely: Kysely<ReviewTables>): Promise<Rule[]> {
  return (await kysely.selectFrom('rules').selectAll().orderBy('position').execute()).map(toRule);
}

/** Adds a rule at its position, by default last. */
export async function createRule(
  store: ReviewStore,
  { position, enabled, ...given }: CreateRule,
  person: string,
): Promise<RuleResult> {
  return changing(store, async (transaction, rules, at) => {
    if (isTaken(rules, given.name)) return { outcome: 'name-taken' };
    const id = `rule_${randomBytes(12).toString('hex')}`;
    const place = Math.min(position ?? rules.length + 1, rules.length + 1);
    const row = {
      id,
      position: place,
      name: given.name,
      decision: given.decision,
      by: given.by == null ? null : JSON.stringify(given.by),
      conditions: JSON.stringify(given.conditions),
      enabled: enabled ? 1 : 0,
      created_at: at,
      created_by: person,
      updated_at: at,
      updated_by: person,
    };
    await transaction.insertInto('rules').values(row).execute();
    await renumber(transaction, rules.map((rule) => rule.id).toSpliced(place - 1, 0, id));
    const rule = toRule(row);
    await note(transaction, at, person, 'rule-added', rule);
    return { outcome: 'done', rule };
  });
}

/** Adds rules with new names, switched on. Safe in several processes at once. */
export async function seedRules(store: ReviewStore, seeds: readonly RuleSeed[]): Promise<void> {
  for (const seed of seeds)
    await createRule(store, { ...seed, by: null, conditions: [...seed.conditions], enabled: true }, 'the settings');
}

/** Changes the given fields, for later requests. */
export async function changeRule(
  store: ReviewStore,
  id: string,
  given: ChangeRule,
  person: string,
): Promise<RuleResult> {
  return changing(store, async (transaction, rules, at) => {
    const before = rules.find((rule) => rule.id === id);
    if (before === undefined) return { outcome: 'not-found' };
    if (
      given.name !== undefined &&
      isTaken(
        rules.filter((rule) => rule !== before),
        given.name,
      )
    )
      return { outcome: 'name-taken' };
    const {
      name = before.name,
      conditions = before.conditions,
      decision = before.decision,
      by = before.by,
      enabled = before.enabled,
      position = before.position,
    } = given;
    const rule: Rule = {
      ...before,
      name,
      conditions,
      decision,
      by: decision === 'review' ? by : null,
      enabled,
      position: Math.min(position, rules.length),
      updatedAt: at,
      updatedBy: person,
    };
    await transaction
      .updateTable('rules')
      .set({
        name: rule.name,
        decision: rule.decision,
        by: rule.by === null ? null : JSON.stringify(rule.by),
        conditions: JSON.stringify(rule.conditions),
        enabled: rule.enabled ? 1 : 0,
        updated_at: at,
        updated_by: person,
      })
      .where('id', '=', id)
      .execute();
    await renumber(
      transaction,
      rules
        .map((each) => each.id)
        .filter((each) => each !== id)
        .toSpliced(rule.position - 1, 0, id),
    );
    await note(transaction, at, person, 'rule-changed', rule);
    return { outcome: 'done', rule };
  });
}

/** Removes a rule. Its decisions stay. */
export async function deleteRule(store: ReviewStore, id: string, person: string): Promise<RuleResult> {
  return changing(store, async (transaction, rules, at) => {
    const rule = rules.find((each) => each.id === id);
    if (rule === undefined) return { outcome: 'not-found' };
    await transaction.deleteFrom('rules').where('id', '=', id).execute();
    await renumber(
      transaction,
      rules.map((each) => each.id).filter((each) => each !== id),
    );
    await note(transaction, at, person, 'rule-removed', rule);
    return { outcome: 'done', rule };
  });
}

// One change at a time: two could take the same position.
async function changing(
  store: ReviewStore,
  work: (transaction: Transaction<ReviewTables>, rules: Rule[], at: string) => Promise<RuleResult>,
): Promise<RuleResult> {
  return store.database.kysely.transaction().execute(async (transaction) => {
    if (store.database.kind === 'postgres')
      await sql`lock table rules in share row exclusive mode`.execute(transaction);
    return work(transaction, await listRules(transaction), store.clock().toISOString());
  });
}

async function renumber(transaction: Transaction<ReviewTables>, ids: readonly string[]): Promise<void> {
  for (const [index, id] of ids.entries())
    await transaction
      .updateTable('rules')
      .set({ position: index + 1 })
      .where('id', '=', id)
      .where('position', '!=', index + 1)
      .execute();
}

// The audit keeps the whole rule, so that past decisions can be explained.
async function note(
  transaction: Transaction<ReviewTables>,
  at: string,
  person: string,
  event: 'rule-added' | 'rule-changed' | 'rule-removed',
  { id, name, position, enabled, decision, by, conditions }: Rule,
): Promise<void> {
  await appendAudit(transaction, {
    at,
    actor: `reviewer:${person}`,
    event,
    subject: id,
    facts: {
      name,
      position,
      enabled,
      decision,
      ...(by !== null && { by: JSON.stringify(by) }),
      conditions: JSON.stringify(conditions),
    },
  });
}

function isTaken(rules: readonly Rule[], name: string): boolean {
  return rules.some((rule) => rule.name === name);
}

function toRule(row: Selectable<RulesTable>): Rule {
  return {
    id: row.id,
    name: row.name,
    conditions: JSON.parse(row.conditions) as RuleCondition[],
    decision: row.decision,
    by: row.by === null ? null : (JSON.parse(row.by) as Rule['by']),
    enabled: row.enabled === 1,
    position: row.position,
    createdAt: row.created_at,
    createdBy: row.created_by,
    updatedAt: row.updated_at,
    updatedBy: row.updated_by,
  };
}
