import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { stableJson } from '@holdpoint/json';
import type { Preview } from '@holdpoint/cheqpoint/wire';
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

/** SHA-256 (hex) of a preview. The seal of a request carries it. */
export function previewDigest(preview: Preview): string {
  return bytesToHex(sha256(utf8ToBytes(stableJson(preview))));
}

/**
 * SHA-256 (hex) of all that a reviewer sees of a request, the preview included. The page, the command line and the
 * server compute it with this function: a decision carries the digest of what was on the screen. It does not use
 * `node:crypto`, so that a page can load it. A server that has the digest of the preview gives it as `preview`.
 */
export function shownDigest(
  approval: ShownFields & { preview?: Preview | null | undefined },
  preview: string | null = approval.preview ? previewDigest(approval.preview) : null,
): string {
  const { version = 1, proposedDetails } = approval;
  const shown = Object.fromEntries([
    ...shownFields.map((name) => [name, approval[name]] as const),
    // A request that was never edited and has no preview has the digest of earlier versions of this program.
    ...(version > 1 ? [['version', version] as const, ['proposedDetails', proposedDetails] as const] : []),
    ...(preview === null ? [] : [['preview', preview] as const]),
  ]);
  return bytesToHex(sha256(utf8ToBytes(stableJson(shown))));
}
