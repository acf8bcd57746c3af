import type { ModelFailure } from '../../domain/model-failure.ts';

/** Codes for refused content, of OpenAI, Azure and proxies. In lower case. */
export const blockedCodes: ReadonlySet<string> = new Set([
  'invalid_prompt',
  'bio_policy',
  'cyber_policy',
  'misalignment_policy_violation',
  'content_policy_violation',
  'content_filter',
  'data_residency_mismatch',
  'content_blocked',
  'contentpolicyviolationerror',
  'responsibleaipolicyviolation',
  'moderation_blocked',
  'data_inspection_failed',
  'guardrail_violation',
  'sensitive',
]);
const passing = new Set([
  'server_error',
  'internal_error',
  'server_is_overloaded',
  'server_overloaded',
  'overloaded',
  'conversation_locked',
  'vector_store_timeout',
  'request_timeout',
  'flex_unavailable',
  'connection_failed',
]);

/** The failure type for an OpenAI error code, in HTTP errors and failed responses. Undefined for unknown codes. */
export function failureOfCode(code: string): ModelFailure['type'] | undefined {
  if (/^(context_length_exceeded|context_window_exceeded|exceed_context_size_error)$/.test(code))
    return 'ModelContextExceeded';
  if (/quota|billing|credit|spend_limit|usage_limit_exceeded/.test(code)) return 'QuotaExhausted';
  if (code === 'rate_limit_exceeded' || code === 'slow_down') return 'ModelRateLimited';
  if (blockedCodes.has(code.toLowerCase())) return 'ModelBlocked';
  if (passing.has(code)) return 'ModelUnavailable';
  if (code === 'model_not_found') return 'ModelRetired';
  if (code === 'invalid_api_key') return 'ModelAccessDenied';
  return undefined;
}
