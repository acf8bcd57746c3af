import { isJsonObject } from '@holdpoint/json';
import type { CallbackAnswer } from './post-callback.ts';

/** The end of a callback address of a Holdpoint gateway: its route, and a token of two parts. */
const gatewayPath = /\/callbacks\/cheqpoint\/[\w-]+\.[\w-]+$/;

/** True for the callback address of a Holdpoint gateway. */
export function isGatewayAddress(url: string): boolean {
  return gatewayPath.test(new URL(url).pathname);
}

/**
 * Why an answer does not count as received. Null if it does. Any 2xx counts, as at hosted Cheqpoint, but the answer of a
 * Holdpoint gateway is known: another page with 2xx is of a proxy or a sign-in in front of it, and the run got no hint.
 */
export function answerProblem(url: string, { status, body }: CallbackAnswer): string | null {
  if (status < 200 || status >= 300) return `The receiver answered ${status}.`;
  if (!isGatewayAddress(url) || isGatewayAnswer(body)) return null;
  return `The receiver answered ${status}, but not as a Holdpoint gateway does: another server has its address (HOLDPOINT_PUBLIC_URL of the worker).`;
}

function isGatewayAnswer(body: string): boolean {
  try {
    const answer: unknown = JSON.parse(body);
    return isJsonObject(answer) && typeof answer['result'] === 'string';
  } catch {
    return false;
  }
}
