import type { ModelFailure } from '../../domain/model-failure.ts';

const blocked = new Set([
  'invalid_prompt',
  'bio_policy',
  'cyber_policy',
  'misalignment_policy_violation',
  'content_policy_violation',
  'content_filter',
  'data_residency_mismatch',
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

/** The failure that an error code of OpenAI stands for, in an HTTP error as in a failed response; undefined for others. */
export function failureOfCode(code: string): ModelFailure['type'] | undefined {
  if (/quota|billing|credit|spend_limit|usage_limit_exceeded/.test(code)) return 'QuotaExhausted';
  if (code === 'rate_limit_exceeded' || code === 'slow_down') return 'ModelRateLimited';
  if (blocked.has(code)) return 'ModelBlocked';
  if (passing.has(code)) return 'ModelUnavailable';
  if (code === 'model_not_found') return 'ModelRetired';
  if (code === 'invalid_api_key') return 'ModelAccessDenied';
  return undefined;
}
