import { checkAddress, checkConnectionKey } from './http/check-address.ts';
import { exchange } from './http/exchange.ts';
import { failureOf } from './http/failure-of.ts';
import { parseJson } from './http/read-answer.ts';
import type { ReviewServiceOptions } from './review-service.ts';
import { groupsSchema } from './wire/cheqpoint-answers.ts';
import { CONNECTION_KEY_HEADER, hostedCheqpointUrl } from './wire/wire-names.ts';

/**
 * GET /api/groups: the names of the groups to which a request may be addressed. Undefined for hosted Cheqpoint and
 * other services, which know no groups.
 *
 * @throws ReviewFailure when the service can't answer, or refuses the key.
 */
export async function readGroups({
  fetch = globalThis.fetch,
  timeoutMs = 10_000,
  ...options
}: Pick<ReviewServiceOptions, 'baseUrl' | 'connectionKey' | 'fetch' | 'timeoutMs'>): Promise<string[] | undefined> {
  const baseUrl = checkAddress(options.baseUrl);
  if (baseUrl === hostedCheqpointUrl) return undefined;
  const key = checkConnectionKey(options.connectionKey);
  const headers = { accept: 'application/json', [CONNECTION_KEY_HEADER]: key };
  const init = { method: 'GET' as const, headers };
  const reply = await exchange({ fetch, baseUrl, url: `${baseUrl}/api/groups`, init, timeoutMs });
  const failure = failureOf(reply, { operation: 'read', baseUrl, secret: key });
  if (failure?.kind === 'unavailable' || failure?.kind === 'access-denied') throw failure;
  return failure ? undefined : groupsSchema.safeParse(parseJson(reply.text)).data?.groups;
}
