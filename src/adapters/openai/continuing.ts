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
  /previous[\s_-]?response|response[_ ]id\b|stored responses?\b|zero data retention|\bzdr\b|item with id|stateful|conversation state/i;

/** Words about continuing a response, in an error that may also speak of other things. */
export function namesContinuing({ param, text }: DescribedError): boolean {
  return param === 'previous_response_id' || aboutContinuing.test(text);
}

type Continued = { responseId: string; attempt: number };

/**
 * What an error says about continuing a response; undefined where the transcript would be refused alike. Servers refuse
 * it in words and with statuses of their own, so any refusal of such a request may be one: what else it could be is
 * refused again when the transcript is sent.
 */
export function refusedContinuing(error: unknown, { responseId, attempt }: Continued): Continuing | undefined {
  const described = describeError(error);
  if (!described) return undefined;
  return isPairingRefused(error) ? 'off' : byDescription(described, { responseId, attempt });
}

/** The same of a response that came: it has failed, or the server shows that it continued nothing. */
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
  // A server that breaks on the request again and again may break on what it should continue.
  return status >= 500 && attempt >= 3 ? 'lost' : undefined;
}
