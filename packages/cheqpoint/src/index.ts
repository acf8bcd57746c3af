export { CheqpointClient } from './client/cheqpoint-client.ts';
export { CheqpointError, CheqpointTimeoutError, RejectedError } from './client/errors.ts';
export type { CheqpointClientOptions } from './client/options.ts';
export type {
  ApprovalQuestion,
  AsyncRequest,
  CheckpointRequest,
  CheckpointResult,
  RequestResult,
  RequestStatus,
  SyncRequest,
} from './client/requests.ts';
export { ReviewFailure } from './review-failure.ts';
export { clockAhead } from './http/clock-ahead.ts';
export { readGroups } from './read-groups.ts';
export { createReviewService } from './review-service.ts';
export type {
  DecisionsReply,
  Message,
  OpenQuestions,
  Pause,
  QuestionAnswer,
  ReviewAnswer,
  ReviewQuestion,
  ReviewRecord,
  ReviewRequest,
  ReviewService,
  RiskLevel,
} from './review.ts';
export { hostedCheqpointUrl } from './wire/wire-names.ts';
