export { type ChainedRow, verifyChain } from './audit-chain.ts';
export {
  auditEntrySchema,
  type AuditVerdict,
  type ConnectionKey,
  type CreateRule,
  type NewKey,
  type Rule,
  RULE_OPERATORS,
  type RuleCondition,
  ruleConditionSchema,
  type RuleOperator,
  type RuleTrial,
  TRIAL_DAYS,
  type TryRule,
} from './review-admin.ts';
export {
  type ApprovalList,
  approvalListSchema,
  type Decide,
  passwordSchema,
  type ReviewerApproval,
  type Role,
  ROLES,
  type User,
} from './reviewer-api.ts';
export type { ReviewerCalls } from './reviewer-calls.ts';
export { createReviewerClient, ReviewerApiError, type ReviewerClient, signInReviewer } from './reviewer-client.ts';
export { toCondition, toTyped, type TypedCondition, ValueProblem } from './typed-condition.ts';
