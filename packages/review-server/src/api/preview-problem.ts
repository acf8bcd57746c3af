import { type CreateApproval, RESERVED_DETAILS_KEY } from '@holdpoint/cheqpoint/wire';
import { isJsonObject } from '@holdpoint/json';
import { previewDigest } from '../contract/shown-digest.ts';

/** A worker seals the digest of the preview into the details, so both must be of one request. */
export function previewProblem({ details, preview }: CreateApproval): string | undefined {
  const reserved = details[RESERVED_DETAILS_KEY];
  if (!isJsonObject(reserved)) return undefined;
  return (reserved['preview'] ?? null) === (preview ? previewDigest(preview) : null)
    ? undefined
    : 'it is not the one that the seal of the request covers. Send the request as it was made.';
}
