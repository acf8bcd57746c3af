import { createClient, HoldpointError, type Client } from '@holdpoint/client';
import type { RunsAccess } from '../../src/contract/runs-access.ts';
import { request, RequestProblem } from '../api/request.ts';

/** A client of the gateway, with a token that is still accepted for a while. */
export type Gateway = { client: Client; mayRetry: boolean };

/** No gateway is set up at the review server. */
export class NoGateway extends Error {
  override readonly name = 'NoGateway';
}

/** A token is replaced so long before its end. */
const spareMs = 30_000;

let known: { gateway: Gateway; until: number } | undefined;

/** The gateway, by the token that the review server hands out. @throws NoGateway, RequestProblem. */
async function gateway(): Promise<Gateway> {
  if (known !== undefined && Date.now() < known.until) return known.gateway;
  known = undefined;
  const { access } = await request<RunsAccess>('POST', '/runs-access', {});
  if (access === null) throw new NoGateway('This server knows no gateway.');
  const made = { client: createClient({ url: access.url, apiKey: access.token }), mayRetry: access.mayRetry };
  known = { gateway: made, until: Date.parse(access.expiresAt) - spareMs };
  return made;
}

/** Forgets the token, for example after the gateway refused it. */
function forgetGateway(): void {
  known = undefined;
}

/** Calls the gateway. A token that it refuses is replaced once. */
export async function atGateway<Answer>(call: (gateway: Gateway) => Promise<Answer>): Promise<Answer> {
  try {
    return await call(await gateway());
  } catch (error) {
    if (!(error instanceof HoldpointError && error.status === 401)) throw error;
    forgetGateway();
    return await call(await gateway());
  }
}

/** True if the person may not see runs, and trying again does not help. */
export function isRefusal(error: unknown): boolean {
  return error instanceof RequestProblem && error.status === 403;
}

/**
 * Tells of each change of a run until the signal aborts. A stream that ends, for example with its token, is opened again.
 */
export async function watchRun(id: string, signal: AbortSignal, onChange: () => void): Promise<void> {
  let pauseMs = 1_000;
  while (!signal.aborted) {
    try {
      const { client } = await gateway();
      for await (const { type } of client.runs.events(id, { signal })) {
        pauseMs = 1_000;
        onChange();
        if (type === 'end') return;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof HoldpointError && error.status === 404) return;
      forgetGateway();
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    pauseMs = Math.min(pauseMs * 2, 30_000);
  }
}
