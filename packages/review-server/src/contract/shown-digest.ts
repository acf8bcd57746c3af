import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { stableJson } from '@holdpoint/json';
import type { ReviewerApproval } from './reviewer-api.ts';

const shownFields = [
  'id',
  'kind',
  'action',
  'summary',
  'details',
  'context',
  'assistant',
  'agentName',
  'onBehalfOf',
  'riskLevel',
  'riskScore',
  'riskReason',
  'justification',
  'justificationFrom',
  'conversation',
  'expiresAt',
] as const satisfies ReadonlyArray<keyof ReviewerApproval>;

/** The fields of an approval that a reviewer decides on. None of them changes while it is open. */
export type ShownFields = Pick<ReviewerApproval, (typeof shownFields)[number]>;

/**
 * SHA-256 (hex) of all that a reviewer sees of a request. The page, the command line and the server compute it with
 * this function: a decision carries the digest of what was on the screen. It does not use `node:crypto`, so that a page
 * can load it.
 */
export function shownDigest(approval: ShownFields): string {
  const shown = Object.fromEntries(shownFields.map((name) => [name, approval[name]]));
  return bytesToHex(sha256(utf8ToBytes(stableJson(shown))));
}
