import type { Deputy, deputyListSchema, nameDeputySchema, TimesList, timesSchema } from './times.ts';
import type { z } from 'zod';
import type {
  createGatewayCallerSchema,
  GatewayCaller,
  gatewayCallerListSchema,
  NewGatewayKey,
  revokeGatewayKeySchema,
  rotateGatewayKeySchema,
} from './gateway-keys.ts';
import type { RunsAccess } from './runs-access.ts';
import type { changeGroupSchema, createGroupSchema, Group, groupListSchema } from './groups.ts';
import type { addCommentSchema, assignSchema, Assigned, AssignedList, Assignees, Comment } from './desk.ts';
import type { OwnHolds, UndoManyAnswer, undoManySchema } from './holds.ts';
import type { changePasswordSchema, PasswordChanged } from './password.ts';
import type {
  addPasskeySchema,
  CreationOptions,
  enrolSchema,
  OwnPasskeys,
  PartialSignIn,
  Passkey,
  PasskeyAdmin,
  PasskeyRules,
  passkeySiteSchema,
  passkeysResetSchema,
  provePasskeySchema,
  renamePasskeySchema,
  RequestOptions,
  signInByPasskeySchema,
} from './passkeys.ts';
import type { RemovalReport, RemoveApprovals } from './removals.ts';
import type { auditListSchema, AuditVerdict, listAuditSchema } from './audit.ts';
import type { Delivery, deliveryListSchema, listDeliveriesSchema } from './deliveries.ts';
import type {
  AssistantSettings,
  assistantListSchema,
  changeAssistantSchema,
  changeRuleSchema,
  ConnectionKey,
  createKeySchema,
  createRuleSchema,
  keyListSchema,
  listKeysSchema,
  NewKey,
  rotateKeySchema,
  Rule,
  ruleListSchema,
  RuleTrial,
  tryRuleSchema,
} from './review-admin.ts';
import type { SignedOut, signInOptionsQuery, SignInOptions } from './sign-in-options.ts';
import type {
  ApprovalHistory,
  ApprovalList,
  Counts,
  ReviewerDecision,
  DecideManyAnswer,
  decideManySchema,
  Facets,
  listApprovalsSchema,
  RecordList,
  ReviewerApproval,
} from './reviewer-api.ts';
import type { Session, SessionList, SessionsEnded, SignedIn, signInByLinkSchema, signInSchema } from './session.ts';
import type { ChangeSettings, Settings } from './settings.ts';
import type { addUserSchema, linkUserSchema, changeUserSchema, User, userListSchema } from './users.ts';
import type { askQuestionSchema } from './reviewer-questions.ts';

import type { beginStepUpSchema, StepUpOptions } from './step-up.ts';

/** Every route of `/reviewer-api` with a JSON answer: what to send, and what comes back. */
export type ReviewerCalls = {
  'POST /session': { body: z.input<typeof signInSchema>; answer: SignedIn | PartialSignIn };
  'GET /session/passkey': { answer: z.output<typeof passkeySiteSchema> };
  'POST /session/passkey/options': { answer: RequestOptions };
  'POST /session/passkey': { body: z.input<typeof signInByPasskeySchema>; answer: SignedIn };
  'POST /session/passkey/enrol': { body: z.input<typeof enrolSchema>; answer: SignedIn };
  'POST /session/link': { body: z.input<typeof signInByLinkSchema>; answer: SignedIn };
  'GET /session': { answer: Session };
  'DELETE /session': { answer: SignedOut };
  'GET /sign-in': { query?: Query<typeof signInOptionsQuery>; answer: SignInOptions };
  'GET /sessions': { answer: SessionList };
  'DELETE /sessions': { answer: SessionsEnded };
  'DELETE /sessions/{id}': { answer: { signedOut: true } };
  'PUT /password': { body: z.input<typeof changePasswordSchema>; answer: PasswordChanged };
  'GET /settings': { answer: Settings };
  'PATCH /settings': { body: ChangeSettings; answer: Settings };
  'GET /passkeys': { answer: OwnPasskeys };
  'POST /passkeys/options': { answer: CreationOptions };
  'POST /passkeys': { body: z.input<typeof addPasskeySchema>; answer: Passkey };
  'PATCH /passkeys/{id}': { body: z.input<typeof renamePasskeySchema>; answer: Passkey };
  'DELETE /passkeys/{id}': { answer: Passkey };
  'POST /passkeys/proof/options': { answer: RequestOptions };
  'POST /passkeys/proof': { body: z.input<typeof provePasskeySchema>; answer: { fresh: true } };
  'GET /admin/passkeys': { answer: PasskeyAdmin };
  'PUT /admin/passkeys': { body: PasskeyRules; answer: PasskeyRules };
  'DELETE /users/{name}/passkeys': { answer: z.output<typeof passkeysResetSchema> };
  'GET /approvals': { query?: Query<typeof listApprovalsSchema>; answer: ApprovalList };
  'GET /approvals/records': { query: { ids: string }; answer: RecordList };
  'GET /approvals/{id}': { answer: ReviewerApproval };
  'GET /approvals/{id}/history': { answer: ApprovalHistory };
  'POST /approvals/{id}/decide': { body: ReviewerDecision; answer: ReviewerApproval };
  'POST /approvals/{id}/step-up': { body: z.input<typeof beginStepUpSchema>; answer: StepUpOptions };
  'POST /approvals/decide': { body: z.input<typeof decideManySchema>; answer: DecideManyAnswer };
  'POST /approvals/undo': { body: z.input<typeof undoManySchema>; answer: UndoManyAnswer };
  'POST /approvals/{id}/comments': { body: z.input<typeof addCommentSchema>; answer: Comment };
  'GET /approvals/{id}/assignees': { answer: Assignees };
  'PUT /approvals/{id}/assignment': { body: z.input<typeof assignSchema>; answer: Assigned };
  'GET /assigned': { answer: AssignedList };
  'GET /holds': { answer: OwnHolds };
  'POST /approvals/{id}/questions': { body: z.input<typeof askQuestionSchema>; answer: ReviewerApproval };
  'PUT /approvals/{id}/claim': { answer: ReviewerApproval };
  'DELETE /approvals/{id}/claim': { answer: ReviewerApproval };
  'GET /counts': { answer: Counts };
  'GET /facets': { answer: Facets };
  'GET /users': { answer: z.output<typeof userListSchema> };
  'POST /users': { body: z.input<typeof addUserSchema>; answer: User };
  'PATCH /users/{name}': { body: z.input<typeof changeUserSchema>; answer: User };
  'DELETE /users/{name}': { answer: User };
  'POST /users/{name}/link': { body: z.input<typeof linkUserSchema>; answer: User };
  'GET /groups': { answer: z.output<typeof groupListSchema> };
  'POST /groups': { body: z.input<typeof createGroupSchema>; answer: Group };
  'PATCH /groups/{id}': { body: z.input<typeof changeGroupSchema>; answer: Group };
  'DELETE /groups/{id}': { answer: Group };
  'GET /times': { answer: TimesList };
  'PUT /times/{owner}': { body: z.input<typeof timesSchema>; answer: TimesList };
  'DELETE /times/{owner}': { answer: TimesList };
  'GET /deputies': { answer: z.output<typeof deputyListSchema> };
  'POST /deputies': { body: z.input<typeof nameDeputySchema>; answer: Deputy };
  'DELETE /deputies/{id}': { answer: Deputy };
  'GET /keys': { query?: Query<typeof listKeysSchema>; answer: z.output<typeof keyListSchema> };
  'POST /keys': { body: z.input<typeof createKeySchema>; answer: NewKey };
  'POST /keys/{id}/rotate': { body?: z.input<typeof rotateKeySchema>; answer: NewKey };
  'POST /keys/{id}/revoke': { answer: ConnectionKey };
  'POST /runs-access': { answer: RunsAccess };
  'GET /gateway-keys': { answer: z.output<typeof gatewayCallerListSchema> };
  'POST /gateway-keys': { body: z.input<typeof createGatewayCallerSchema>; answer: NewGatewayKey };
  'POST /gateway-keys/{name}/rotate': { body?: z.input<typeof rotateGatewayKeySchema>; answer: NewGatewayKey };
  'POST /gateway-keys/{name}/revoke': { body?: z.input<typeof revokeGatewayKeySchema>; answer: GatewayCaller };
  'GET /assistants': { answer: z.output<typeof assistantListSchema> };
  'GET /assistants/{name}': { answer: AssistantSettings };
  'PUT /assistants/{name}': { body: z.input<typeof changeAssistantSchema>; answer: AssistantSettings };
  'GET /rules': { answer: z.output<typeof ruleListSchema> };
  'POST /rules': { body: z.input<typeof createRuleSchema>; answer: Rule };
  'POST /rules/try': { body: z.input<typeof tryRuleSchema>; answer: RuleTrial };
  'PATCH /rules/{id}': { body: z.input<typeof changeRuleSchema>; answer: Rule };
  'DELETE /rules/{id}': { answer: Rule };
  'GET /deliveries': { query?: Query<typeof listDeliveriesSchema>; answer: z.output<typeof deliveryListSchema> };
  'POST /deliveries/{id}/resend': { answer: Delivery };
  'GET /audit': { query?: Query<typeof listAuditSchema>; answer: z.output<typeof auditListSchema> };
  'GET /audit/verify': { answer: AuditVerdict };
  'POST /removals': { body: RemoveApprovals; answer: RemovalReport };
};

/** Query parameters as text or number, before the schema parses them. Undefined ones are not sent. */
type Query<Schema extends z.ZodType> = { [Name in keyof z.input<Schema>]?: string | number | undefined };
