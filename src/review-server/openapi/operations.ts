import type { z } from 'zod';
import { approvalAnswerSchema, createApprovalSchema, healthSchema, holdSchema, inboundAnswerSchema, withdrawSchema } from '../../schemas/cheqpoint-wire.ts';
import {
  assistantListSchema, assistantSchema, auditListSchema, auditVerdictSchema, changeAssistantSchema, changeRuleSchema, connectionKeySchema, createKeySchema, createRuleSchema,
  deliveryListSchema, deliverySchema, exportAuditSchema, keyListSchema, listAuditSchema, listDeliveriesSchema, listKeysSchema, newKeySchema, rotateKeySchema, ruleListSchema, ruleSchema,
  ruleTrialSchema, tryRuleSchema,
} from '../../schemas/review-admin.ts';
import {
  addUserSchema, approvalListSchema, changeUserSchema, countsSchema, decideManyAnswerSchema, decideManySchema, decideSchema, facetsSchema, listApprovalsSchema, reviewerApprovalSchema,
  sessionListSchema, sessionSchema, sessionsEndedSchema, signedInSchema, signInByLinkSchema, signInSchema, userListSchema, userSchema,
} from '../../schemas/reviewer-api.ts';

/** One route, as it is documented. */
export interface Operation {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** With `{names}` in braces. */
  path: string;
  tag: 'cheqpoint' | 'sign-in' | 'approvals' | 'users' | 'keys' | 'assistants' | 'rules' | 'deliveries' | 'audit';
  summary: string;
  body?: z.ZodType;
  query?: z.ZodObject;
  /** Schema of the JSON answer; a text where it is no JSON. */
  answer?: z.ZodType | string;
  /** Default 200. */
  status?: number;
  /** What it refuses beside 400, 401 and 403. */
  errors?: readonly number[];
}

const cheqpoint: readonly Operation[] = [
  { method: 'get', path: '/healthz', tag: 'cheqpoint', summary: 'Says, without a key, that this server is up, and what it can do beyond Cheqpoint', answer: healthSchema },
  { method: 'post', path: '/api/approvals/request', tag: 'cheqpoint', summary: 'Ask for an approval, then poll', body: createApprovalSchema, answer: approvalAnswerSchema, errors: [409, 413] },
  { method: 'get', path: '/api/approvals/{id}', tag: 'cheqpoint', summary: 'Read an approval; poll until it is not PENDING', answer: approvalAnswerSchema, errors: [404] },
  { method: 'post', path: '/api/webhooks/inbound', tag: 'cheqpoint', summary: 'Ask for an approval in one call: held for up to maxWaitMs, or called back', body: createApprovalSchema.extend(holdSchema.shape), answer: inboundAnswerSchema, errors: [409, 413] },
  { method: 'post', path: '/api/approvals/{id}/withdraw', tag: 'cheqpoint', summary: 'Close an approval of one’s own if nobody has decided; answers with what it then is', body: withdrawSchema, answer: approvalAnswerSchema, errors: [404] },
];

const reviewers: readonly Operation[] = [
  { method: 'post', path: '/session', tag: 'sign-in', summary: 'Sign in by name and password', body: signInSchema, answer: signedInSchema, errors: [429] },
  { method: 'post', path: '/session/link', tag: 'sign-in', summary: 'Sign in by a one-time link', body: signInByLinkSchema, answer: signedInSchema, errors: [429] },
  { method: 'get', path: '/session', tag: 'sign-in', summary: 'Who is signed in', answer: sessionSchema },
  { method: 'delete', path: '/session', tag: 'sign-in', summary: 'Sign out' },
  { method: 'get', path: '/sessions', tag: 'sign-in', summary: 'Where one is signed in', answer: sessionListSchema },
  { method: 'delete', path: '/sessions', tag: 'sign-in', summary: 'End all of these sign-ins but this one', answer: sessionsEndedSchema },
  { method: 'delete', path: '/sessions/{id}', tag: 'sign-in', summary: 'End one of these sign-ins', errors: [404] },
  { method: 'get', path: '/approvals', tag: 'approvals', summary: 'List approvals', query: listApprovalsSchema, answer: approvalListSchema },
  { method: 'get', path: '/counts', tag: 'approvals', summary: 'How many there are in each box', answer: countsSchema },
  { method: 'get', path: '/facets', tag: 'approvals', summary: 'What lists can be narrowed by', answer: facetsSchema },
  { method: 'post', path: '/approvals/decide', tag: 'approvals', summary: 'Decide several, each by itself', body: decideManySchema, answer: decideManyAnswerSchema },
  { method: 'get', path: '/approvals/{id}', tag: 'approvals', summary: 'Read one approval with all there is about it', answer: reviewerApprovalSchema, errors: [404] },
  { method: 'post', path: '/approvals/{id}/decide', tag: 'approvals', summary: 'Decide, once and for all', body: decideSchema, answer: reviewerApprovalSchema, errors: [404, 409, 423] },
  { method: 'put', path: '/approvals/{id}/claim', tag: 'approvals', summary: '“I’m on it”', answer: reviewerApprovalSchema, errors: [404, 409] },
  { method: 'delete', path: '/approvals/{id}/claim', tag: 'approvals', summary: 'Give a claim back', answer: reviewerApprovalSchema, errors: [404, 409] },
  { method: 'get', path: '/events', tag: 'approvals', summary: 'What changes, as server-sent events: changed, counts, resync', answer: 'text/event-stream' },
];

const administration: readonly Operation[] = [
  { method: 'get', path: '/users', tag: 'users', summary: 'List users', answer: userListSchema },
  { method: 'post', path: '/users', tag: 'users', summary: 'Add a user', body: addUserSchema, answer: userSchema, status: 201, errors: [409] },
  { method: 'patch', path: '/users/{name}', tag: 'users', summary: 'Change a user’s password or roles', body: changeUserSchema, answer: userSchema, errors: [404, 409] },
  { method: 'delete', path: '/users/{name}', tag: 'users', summary: 'Remove a user', errors: [404, 409] },
  { method: 'get', path: '/keys', tag: 'keys', summary: 'List Connection Keys, masked', query: listKeysSchema, answer: keyListSchema },
  { method: 'post', path: '/keys', tag: 'keys', summary: 'Make a Connection Key; it is shown this once', body: createKeySchema, answer: newKeySchema, status: 201 },
  { method: 'post', path: '/keys/{id}/rotate', tag: 'keys', summary: 'Make a key in place of another', body: rotateKeySchema, answer: newKeySchema, status: 201, errors: [404, 409] },
  { method: 'post', path: '/keys/{id}/revoke', tag: 'keys', summary: 'End a key at once', answer: connectionKeySchema, errors: [404] },
  { method: 'get', path: '/assistants', tag: 'assistants', summary: 'List assistants', answer: assistantListSchema },
  { method: 'get', path: '/assistants/{name}', tag: 'assistants', summary: 'Read one assistant', answer: assistantSchema, errors: [404] },
  { method: 'put', path: '/assistants/{name}', tag: 'assistants', summary: 'Set limits; pause and resume', body: changeAssistantSchema, answer: assistantSchema, errors: [404] },
  { method: 'get', path: '/rules', tag: 'rules', summary: 'List rules in their order', answer: ruleListSchema },
  { method: 'post', path: '/rules', tag: 'rules', summary: 'Add a rule, switched off unless it says otherwise', body: createRuleSchema, answer: ruleSchema, status: 201, errors: [409] },
  { method: 'post', path: '/rules/try', tag: 'rules', summary: 'See what a rule would have done in the last 30 days', body: tryRuleSchema, answer: ruleTrialSchema, errors: [404] },
  { method: 'patch', path: '/rules/{id}', tag: 'rules', summary: 'Change, move or switch a rule', body: changeRuleSchema, answer: ruleSchema, errors: [404, 409] },
  { method: 'delete', path: '/rules/{id}', tag: 'rules', summary: 'Remove a rule', answer: ruleSchema, errors: [404] },
  { method: 'get', path: '/deliveries', tag: 'deliveries', summary: 'List callbacks with every attempt', query: listDeliveriesSchema, answer: deliveryListSchema },
  { method: 'post', path: '/deliveries/{id}/resend', tag: 'deliveries', summary: 'Call back once more', answer: deliverySchema, status: 202, errors: [404] },
  { method: 'get', path: '/audit', tag: 'audit', summary: 'List the audit, newest first', query: listAuditSchema, answer: auditListSchema },
  { method: 'get', path: '/audit/verify', tag: 'audit', summary: 'Check the chain', answer: auditVerdictSchema },
  { method: 'get', path: '/audit/export', tag: 'audit', summary: 'All rows as a file, oldest first', query: exportAuditSchema, answer: 'application/jsonl, text/csv' },
];

/** Every route for programs. */
export const operations: readonly Operation[] = [...cheqpoint, ...[...reviewers, ...administration].map((operation) => ({ ...operation, path: `/reviewer-api${operation.path}` }))];
