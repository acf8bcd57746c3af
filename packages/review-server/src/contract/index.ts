export { type ChainedRow, type UnlinkedRow, verifyChain } from './audit-chain.ts';
export { withEscapes } from './literal-parts.ts';
export { type OutcomeAnswer, outcomeAnswers, outcomeMeanings } from './outcome-answers.ts';
export { passwordSchema } from './password.ts';
export { auditEntrySchema, type AuditVerdict } from './audit.ts';
export {
  type ConnectionKey,
  type CreateRule,
  type NewKey,
  type Rule,
  ruleOperators,
  type RuleCondition,
  ruleConditionSchema,
  type RuleOperator,
  type RuleTrial,
  trialDays,
  type TryRule,
} from './review-admin.ts';
export {
  type ApprovalList,
  approvalListSchema,
  type ApprovalSummary,
  type ReviewerDecision,
  type ReviewerApproval,
} from './reviewer-api.ts';
export { type RemovalReport, type RemoveApprovals, shortestRetentionMs } from './removals.ts';
export { type Role, roleNames } from './session.ts';
export type { ReviewerCalls } from './reviewer-calls.ts';
export {
  createReviewerClient,
  ReviewerApiError,
  type ReviewerClient,
  signInByToken,
  signInReviewer,
} from './reviewer-client.ts';
export { shownDigest } from './shown-digest.ts';
export { makeSignInToken } from './sign-in-token.ts';
export { type Group } from './groups.ts';
export { type User } from './users.ts';
export { toCondition, toTyped, type TypedCondition, ValueProblem } from './typed-condition.ts';
