import {
  describeError,
  describeFailed,
  isAboutModel,
  isPairingRefused,
  isPreviousResponseGone,
} from './described-error.ts';
import type { DescribedError } from './described-error.ts';
import { failureType } from './failure-type.ts';
import type { ResponseObject } from './responses/response-object.ts';
import type { Continuing } from './responses/responses-turn.ts';

const aboutContinuing =
  /(previous|prior|earlier|parent)[\s_-]?response|response[_ ](id|store|state|storage|history)\b|stored responses?\b|stateless|zero data retention|\bzdr\b|item with id|stateful|conversation state/i;

/** True if the error mentions continuing a response. It may mention other things too. */
export function namesContinuing({ param, text }: DescribedError): boolean {
  return param === 'previous_response_id' || aboutContinuing.test(text);
}

type Continued = { responseId: string; attempt: number };

/**
 * Reads a refusal to continue a response. Undefined if the server would refuse the transcript for the same reason.
 * Compatible servers refuse with different words and statuses, so any refused request of this kind counts. If the
 * reason was another one, the server refuses the transcript too.
 */
export function refusedContinuing(error: unknown, { responseId, attempt }: Continued): Continuing | undefined {
  const described = describeError(error);
  if (!described) return undefined;
  return isPairingRefused(error) ? 'off' : byDescription(described, { responseId, attempt });
}

/** The same for a response: it failed, or it names another previous response, so the server continued nothing. */
export function ignoredContinuing(response: ResponseObject, continued: Continued): Continuing | undefined {
  if (response.status === 'failed' && response.error)
    return byDescription(describeFailed(response.error), { ...continued, attempt: 1 });
  return ['completed', 'incomplete'].includes(response.status) && response.previousResponseId !== continued.responseId
    ? 'off'
    : undefined;
}

function byDescription(error: DescribedError, { responseId, attempt }: Continued): Continuing | undefined {
  const { status = 0 } = error;
  const type = failureType(error);
  if (type === 'ModelBlocked' || type === 'ModelContextExceeded' || type === 'QuotaExhausted') return undefined;
  if (status === 429) return undefined;
  if (isPreviousResponseGone(error, responseId)) return 'lost';
  if (namesContinuing(error) || error.text.includes(responseId)) return 'off';
  if (status === 401 || isAboutModel(error)) return undefined;
  if (type === 'ModelRequestRefused' || [403, 404, 405, 410].includes(status)) return 'off';
  // The third 5xx in a row may come from the response that the server should continue.
  return status >= 500 && attempt >= 3 ? 'lost' : undefined;
}
