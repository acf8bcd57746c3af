import { HTTPException } from 'hono/http-exception';
import type { z } from 'zod';

/** The gateway whose API keys administrators manage and whose runs are shown here, with a key that may do so. */
export type GatewayAccess = {
  url: string;
  key: string;
  /** Its address for browsers. @default url */
  publicUrl?: string;
};

/** Longest wait for the gateway. */
const timeoutMs = 10_000;
/** The gateway's refusals that say what an administrator has to change. */
const passedOn = [400, 404, 409, 413] as const;

/** Calls the gateway's routes under /v1 for a person. @throws HTTPException. */
export type CallGateway = <Schema extends z.ZodType>(
  schema: Schema,
  request: { path: string; actor: string; body?: object },
) => Promise<z.output<Schema>>;

/** The gateway, called with the key of this server. The gateway notes the name of the administrator. */
export function createCallGateway({ url, key }: GatewayAccess): CallGateway {
  const base = url.replace(/\/+$/, '');
  return async (schema, { path, actor, body }) => {
    const [response, answer] = await fetchJson(`${base}/v1${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'x-holdpoint-actor': encodeURIComponent(actor),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      // A redirect would send the key to another address.
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const { error } = (answer ?? {}) as { error?: { message?: unknown } };
    const status = passedOn.find((each) => each === response.status);
    if (status !== undefined && typeof error?.message === 'string')
      throw new HTTPException(status, { message: error.message });
    if (response.status === 401 || response.status === 403)
      throw unavailable('refuses the key in HOLDPOINT_REVIEW_GATEWAY_KEY. API keys need its permission admin');
    if (!response.ok)
      throw unavailable(
        typeof error?.message === 'string' ? `answers: ${error.message}` : `answers HTTP ${response.status}`,
      );
    const parsed = schema.safeParse(answer);
    if (!parsed.success) throw unavailable('does not answer as a Holdpoint gateway does. Check its address');
    return parsed.data;
  };
}

async function fetchJson(address: string, init: RequestInit): Promise<[Response, unknown]> {
  try {
    const response = await fetch(address, init);
    return [response, await response.json().catch(() => undefined)];
  } catch {
    const change = init.method === 'POST' ? ' It is unknown whether the change was made. Look at the list again.' : '';
    throw new HTTPException(503, {
      message: `The gateway in HOLDPOINT_REVIEW_GATEWAY_URL did not answer.${change}`,
    });
  }
}

function unavailable(what: string): HTTPException {
  return new HTTPException(503, { message: `The gateway in HOLDPOINT_REVIEW_GATEWAY_URL ${what.replace(/\.$/, '')}.` });
}
