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

/** The fields of an approval that a reviewer decides on. While it is open, an edit alone changes them. */
export type ShownFields = Pick<ReviewerApproval, (typeof shownFields)[number]> &
  Partial<Pick<ReviewerApproval, 'version' | 'proposedDetails'>>;

/**
 * SHA-256 (hex) of all that a reviewer sees of a request. The page, the command line and the server compute it with
 * this function: a decision carries the digest of what was on the screen. It does not use `node:crypto`, so that a page
 * can load it.
 */
export function shownDigest(approval: ShownFields): string {
  const { version = 1, proposedDetails } = approval;
  const shown = Object.fromEntries([
    ...shownFields.map((name) => [name, approval[name]] as const),
    // A request that was never edited has the digest of earlier versions of this program.
    ...(version > 1 ? [['version', version] as const, ['proposedDetails', proposedDetails] as const] : []),
  ]);
  return bytesToHex(sha256(utf8ToBytes(stableJson(shown))));
}
