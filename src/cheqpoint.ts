/*
 * `holdpoint/cheqpoint`: the Node client of Cheqpoint's guides, whose own package `@cheqpoint/sdk` is not on npm.
 * Change the import and the guide's code runs. docs/from-the-cheqpoint-guide.md says what it survives, and what not.
 */
import { CheqpointClient } from './cheqpoint-client/cheqpoint-client.ts';

export { CheqpointError, CheqpointTimeoutError, RejectedError } from './cheqpoint-client/errors.ts';
export type { CheqpointClientOptions } from './cheqpoint-client/options.ts';
export type {
  ApprovalQuestion,
  AsyncRequest,
  CheckpointRequest,
  CheckpointResult,
  RequestResult,
  RequestStatus,
  SyncRequest,
} from './cheqpoint-client/requests.ts';
export type { Json, JsonObject } from './domain/json.ts';
/** `Cheqpoint`, also the default: the name in www.cheqpoint.co/docs/shopify. */
export { CheqpointClient, CheqpointClient as Cheqpoint, CheqpointClient as default };
