import type { ModelFailure } from '../../domain/model-failure.ts';
import { isAboutModel, isConversationLocked } from './described-error.ts';
import type { DescribedError } from './described-error.ts';
import { blockedCodes, failureOfCode } from './failure-codes.ts';

const contextCodes = new Set([
  'context_length_exceeded',
  'context_window_exceeded',
  'contextwindowexceedederror',
  'exceed_context_size_error',
  'prompt_too_long',
]);
const aboutContext =
  /context[\s_-]?(length|window|size)|maximum context|available context|(prompt|input|request) is too long|too many (input |prompt )?tokens/i;
const aboutContent =
  /content[\s_-]?(policy|filter|management)|ContentPolicyViolation|responsible ?ai ?policy|(safety|moderation) (system|filter|policy|settings)|(input|prompt|content|output) (was|has been|is) flagged|(blocked|refused|rejected|stopped|violated) by (\w+ ){0,3}(moderation|safety|guardrails?|filter)|guardrail|inappropriate content|finish_?reason\W{1,4}(safety|content_?filter|recitation|prohibited_?content)|violat\w+ (\w+ ){0,3}(usage|content|safety) polic/i;

/** Statuses that decide the type alone. The error's text is not read. */
const plainStatuses = [401, 402, 404, 408, 429];

/** Maps an error of the server to a failure type. */
export function failureType(error: DescribedError): ModelFailure['type'] {
  const { status = 0, code, type, text } = error;
  if (!plainStatuses.includes(status)) {
    if (isAboutContext(error)) return 'ModelContextExceeded';
    if (error.codes.some((one) => blockedCodes.has(one)) || aboutContent.test(text)) return 'ModelBlocked';
  }
  const known = failureOfCode(code) ?? failureOfCode(type);
  if (known) return known;
  if (isConversationLocked(error)) return 'ModelUnavailable';
  if (
    status === 402 ||
    (code === '' &&
      /exceeded your current quota|insufficient (quota|credits?|balance|funds)|credit balance/i.test(text))
  )
    return 'QuotaExhausted';
  if (status === 429) return 'ModelRateLimited';
  if (status === 401) return 'ModelAccessDenied';
  if (isAboutModel(error) || [404, 405, 410].includes(status)) return 'ModelRetired';
  if (status === 403) return 'ModelAccessDenied';
  // An error in a stream has no status. Its code or type gives the same information.
  if (status === 0 && /^(invalid_|unsupported_|bad_?request|validation)/i.test(code || type))
    return 'ModelRequestRefused';
  // 501: the server does not implement the feature, so a retry can't succeed.
  if (status === 501) return 'ModelRequestRefused';
  if (status === 408 || status === 409 || status >= 500 || status === 0) return 'ModelUnavailable';
  return 'ModelRequestRefused';
}

function isAboutContext({ codes, code, text, param }: DescribedError): boolean {
  if (contextCodes.has(code.toLowerCase()) || codes.some((one) => contextCodes.has(one))) return true;
  return aboutContext.test(text) && !/max_(output_|completion_)?tokens$/.test(param);
}
