import { randomUUID } from 'node:crypto';
import { sql, type Transaction } from 'kysely';
import {
  MOST_QUESTIONS,
  type AnswerQuestion,
  type OpenQuestionsAnswer,
  type QuestionCallback,
  type ReadQuestions,
  type WireQuestion,
} from '@holdpoint/cheqpoint/wire';
import { isGatewayAddress } from '../delivery/answer-problem.ts';
import { announceChange } from './approval-changes.ts';
import type { StoredApproval } from './approval.ts';
import { digestFact } from './audit-digest.ts';
import { appendAudit } from './audit.ts';
import { lockApproval } from './open-approval.ts';
import { findApproval } from './find-approval.ts';
import { addDelivery } from './outbox.ts';
import type { ReviewStore } from './review-store.ts';
import type { QuestionsTable } from './questions-table.ts';
import type { ReviewTables } from './tables.ts';

/** Result of a question. `exists`: this id was used before, and nothing is written. */
export type AskResult =
  | { outcome: 'asked' | 'exists' | 'already-closed' | 'too-many' | 'id-taken'; approval: StoredApproval }
  | { outcome: 'not-found' };

/** A new question. `id` makes it repeatable. */
export type NewQuestion = { id?: string | undefined; text: string; reviewer: string };

/**
 * Asks the requester a question. The approval stays as it is: open, with its deadline, its details and its digest. A
 * Holdpoint gateway gets a callback. Every requester can read the question.
 */
export async function askQuestion(store: ReviewStore, approvalId: string, question: NewQuestion): Promise<AskResult> {
  const { id = randomUUID(), text, reviewer } = question;
  // findApproval closes an expired approval first.
  if ((await findApproval(store, approvalId)) === undefined) return { outcome: 'not-found' };
  const { database } = store;
  const result = await database.kysely.transaction().execute(async (transaction): Promise<AskResult> => {
    const approval = await lockApproval(store, transaction, approvalId);
    if (approval === undefined) return { outcome: 'not-found' };
    const same = await transaction.selectFrom('questions').selectAll().where('id', '=', id).executeTakeFirst();
    if (same !== undefined)
      return { outcome: isRepeated(same, approvalId, question) ? 'exists' : 'id-taken', approval };
    if (approval.status !== 'PENDING') return { outcome: 'already-closed', approval };
    const asked = await transaction
      .selectFrom('questions')
      .select('id')
      .where('approval_id', '=', approvalId)
      .execute();
    if (asked.length >= MOST_QUESTIONS) return { outcome: 'too-many', approval };
    const at = store.clock().toISOString();
    await transaction
      .insertInto('questions')
      .values({ id, approval_id: approvalId, text, asked_by: reviewer, asked_at: at })
      .execute();
    await addQuestionDeliveries(transaction, approval, id, at);
    await announceChange(transaction, database.kind, { id: approvalId, change: 'changed' });
    await appendAudit(transaction, {
      at,
      actor: `reviewer:${reviewer}`,
      event: 'question-asked',
      subject: approvalId,
      facts: { question: id, ...digestFact('text', text, approval.audit_key) },
    });
    return { outcome: 'asked', approval };
  });
  if (result.outcome === 'asked') store.onChange({ id: approvalId, change: 'changed' });
  return result;
}

/**
 * Records the answer of the assistant that requested the approval. The first answer counts: a later one changes nothing
 * and gets the first. Undefined for another assistant's approval, or an unknown question.
 */
export async function answerQuestion(
  store: ReviewStore,
  approvalId: string,
  assistant: { id: string; name: string },
  { question: id, ...given }: AnswerQuestion,
): Promise<WireQuestion | undefined> {
  const { answer, problem } = { answer: given.answer ?? null, problem: given.problem ?? null };
  const { database } = store;
  type Recorded = { question: QuestionsTable | undefined; changed: boolean };
  const result = await database.kysely.transaction().execute(async (transaction): Promise<Recorded> => {
    const found = await transaction
      .selectFrom('questions')
      .innerJoin('approvals', 'approvals.id', 'questions.approval_id')
      .selectAll('questions')
      .select('approvals.audit_key')
      .where('questions.id', '=', id)
      .where('questions.approval_id', '=', approvalId)
      .where('approvals.assistant_id', '=', assistant.id)
      .$if(database.kind === 'postgres', (query) => query.forUpdate('questions'))
      .executeTakeFirst();
    if (found === undefined || found.answered_at !== null) return { question: found, changed: false };
    const { audit_key, ...question } = found;
    const at = store.clock().toISOString();
    await transaction.updateTable('questions').set({ answer, problem, answered_at: at }).where('id', '=', id).execute();
    await announceChange(transaction, database.kind, { id: approvalId, change: 'changed' });
    await appendAudit(transaction, {
      at,
      actor: `assistant:${assistant.name}`,
      event: 'question-answered',
      subject: approvalId,
      facts: { question: id, ...digestFact('answer', answer, audit_key), answered: answer !== null },
    });
    return { question: { ...question, answer, problem, answered_at: at }, changed: true };
  });
  if (result.changed) store.onChange({ id: approvalId, change: 'changed' });
  return result.question && toWireQuestion(result.question);
}

/** The questions on an approval, oldest first. */
export async function readQuestions({ database }: ReviewStore, approvalId: string): Promise<WireQuestion[]> {
  const rows = await database.reads
    .selectFrom('questions')
    .selectAll()
    .where('approval_id', '=', approvalId)
    .orderBy('asked_at')
    .orderBy('id')
    .execute();
  return rows.map(toWireQuestion);
}

/** The number of unanswered questions on each of these approvals. Approvals without one are left out. */
export async function countOpenQuestions(
  { database }: ReviewStore,
  approvalIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (approvalIds.length === 0) return new Map();
  const rows = await database.reads
    .selectFrom('questions')
    .select(['approval_id', ({ fn }) => fn.countAll().as('open')])
    .where('approval_id', 'in', approvalIds)
    .where('answered_at', 'is', null)
    .groupBy('approval_id')
    .execute();
  return new Map(rows.map(({ approval_id, open }) => [approval_id, Number(open)]));
}

/** The open questions on the open requests of one assistant, oldest first. Undefined for a malformed cursor. */
export async function readOpenQuestions(
  { database, clock }: ReviewStore,
  assistantId: string,
  { after, waitingMs, limit }: ReadQuestions,
): Promise<OpenQuestionsAnswer | undefined> {
  const [askedAt, lastId] = after === undefined ? [] : (readQuestionsCursor(after) ?? []);
  if (after !== undefined && lastId === undefined) return undefined;
  const rows = await database.reads
    .selectFrom('questions')
    .innerJoin('approvals', 'approvals.id', 'questions.approval_id')
    .select(['questions.id', 'questions.approval_id', 'questions.asked_at'])
    .where('questions.answered_at', 'is', null)
    .where('approvals.assistant_id', '=', assistantId)
    .where('approvals.status', '=', 'PENDING')
    .where('questions.asked_at', '<=', new Date(clock().getTime() - waitingMs).toISOString())
    .$if(lastId !== undefined, (query) =>
      query.where(sql<boolean>`(questions.asked_at, questions.id) > (${askedAt}, ${lastId})`),
    )
    .orderBy('questions.asked_at')
    .orderBy('questions.id')
    .limit(limit)
    .execute();
  const last = rows.at(-1);
  return {
    questions: rows.map(({ id, approval_id, asked_at }) => ({ id, approvalId: approval_id, askedAt: asked_at })),
    cursor: last === undefined || rows.length < limit ? null : `${last.asked_at}_${last.id}`,
  };
}

/** The time and the id of a cursor. Undefined for any other text. */
function readQuestionsCursor(cursor: string): [askedAt: string, id: string] | undefined {
  const [, askedAt, id] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)_([\w-]{1,100})$/.exec(cursor) ?? [];
  return askedAt === undefined || id === undefined ? undefined : [askedAt, id];
}

function isRepeated(same: QuestionsTable, approvalId: string, { text, reviewer }: NewQuestion): boolean {
  return same.approval_id === approvalId && same.text === text && same.asked_by === reviewer;
}

function toWireQuestion(row: QuestionsTable): WireQuestion {
  const { id, text, asked_by, asked_at, answer, problem, answered_at } = row;
  return { id, text, askedBy: asked_by, askedAt: asked_at, answer, problem, answeredAt: answered_at };
}

/** Other receivers expect a decision at their address. */
async function addQuestionDeliveries(
  transaction: Transaction<ReviewTables>,
  approval: StoredApproval,
  questionId: string,
  at: string,
): Promise<void> {
  const body = JSON.stringify({
    event: 'question',
    approvalId: approval.id,
    question: questionId,
  } satisfies QuestionCallback);
  for (const url of (JSON.parse(approval.callback_urls) as string[]).filter(isGatewayAddress))
    await addDelivery(transaction, { kind: 'decision', approvalId: approval.id, url, body, at, questionId });
}
