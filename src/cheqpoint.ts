/*
 * `holdpoint/cheqpoint`: the Node client of Cheqpoint's guides, whose own package `@cheqpoint/sdk` is not on npm.
 * Change the import and the guide's code runs. docs/from-the-cheqpoint-guide.md says what it survives, and what not.
 */
import { CheqpointClient } from '@holdpoint/cheqpoint';

export { CheqpointError, CheqpointTimeoutError, RejectedError } from '@holdpoint/cheqpoint';
export type { CheqpointClientOptions } from '@holdpoint/cheqpoint';
export type {
  ApprovalQuestion,
  AsyncRequest,
  CheckpointRequest,
  CheckpointResult,
  RequestResult,
  RequestStatus,
  SyncRequest,
} from '@holdpoint/cheqpoint';
export type { Json, JsonObject } from '@holdpoint/json';
/** `Cheqpoint`, also the default: the name in www.cheqpoint.co/docs/shopify. */
export { CheqpointClient, CheqpointClient as Cheqpoint, CheqpointClient as default };
