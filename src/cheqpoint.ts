/*
 * `holdpoint/cheqpoint`: the Node client of Cheqpoint's guides. Cheqpoint's own package `@cheqpoint/sdk` is not on npm;
 * change the import, and the guide's code runs. docs/from-the-cheqpoint-guide.md says which failures it survives.
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
/** `Cheqpoint`, also the default export: the name in www.cheqpoint.co/docs/shopify. */
export { CheqpointClient, CheqpointClient as Cheqpoint, CheqpointClient as default };
