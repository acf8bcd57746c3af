import type { Caller } from './ports.ts';

/**
 * The permission that a route needs. `read`: every caller has it, for its own runs or for all. `none`: the route is
 * guarded by another token or signature.
 */
export type Need = 'start' | 'ask' | 'read' | 'control' | 'decode' | 'admin' | 'none';

/**
 * Every route of the OpenAPI document with the permission that it needs. A route that is missing here is refused. No
 * permission decides on approvals, and no route does.
 */
export const routeNeeds: Readonly<Record<string, Need>> = {
  'POST /v1/runs': 'start',
  'GET /v1/runs': 'read',
  'GET /v1/runs/{id}': 'read',
  'GET /v1/runs/{id}/events': 'read',
  'GET /v1/runs/{id}/history': 'read',
  'POST /v1/runs/{id}/cancel': 'control',
  'POST /v1/runs/{id}/retry': 'control',
  'POST /v1/runs/{id}/messages': 'control',
  'POST /v1/approvals': 'ask',
  'POST /v1/approvals/{id}/answers': 'ask',
  'GET /v1/usage': 'read',
  'POST /v1/removals': 'admin',
  'POST /v1/inbox-tokens': 'read',
  'GET /v1/approvals': 'read',
  'GET /v1/approvals/{id}': 'read',
  'GET /v1/api-keys': 'admin',
  'POST /v1/api-keys': 'admin',
  'GET /v1/api-keys/{name}': 'admin',
  'POST /v1/api-keys/{name}/rotate': 'admin',
  'POST /v1/api-keys/{name}/scopes': 'admin',
  'POST /v1/api-keys/{name}/revoke': 'admin',
  'POST /callbacks/cheqpoint/{token}': 'none',
  'POST /webhooks/openai': 'none',
};

/** The routes that a token of the inbox may use, as far as its permissions go. */
const inboxRoutes: readonly string[] = [
  'GET /v1/runs',
  'GET /v1/runs/{id}',
  'GET /v1/runs/{id}/events',
  'POST /v1/runs/{id}/retry',
];

/** The sentence that refuses a caller this route. Undefined if it has the permission, for some runs at least. */
export function routeRefusal(caller: Caller, route: string): string | undefined {
  const need = routeNeeds[route];
  if (need === undefined) return 'No API key may use this route.';
  if (caller.person !== undefined && !inboxRoutes.includes(route))
    return 'A token of the inbox shows runs and resumes parked ones. Use an API key.';
  return refusal(caller, need);
}

/** The sentence that refuses a caller without the permission. Undefined if it has it, for some runs at least. */
export function refusal({ name, scopes }: Caller, need: Need): string | undefined {
  const has: Record<Need, boolean> = {
    start: scopes.start === 'all' || scopes.start.length > 0,
    ask: scopes.ask,
    read: true,
    control: scopes.control !== 'none',
    decode: scopes.decode,
    admin: scopes.admin,
    none: true,
  };
  return has[need] ? undefined : `The caller "${name}" ${refusals[need]} Another API key, or an admin, can.`;
}

const refusals: Record<Need, string> = {
  start: 'may start no assistant.',
  ask: 'may not ask for standalone approvals.',
  read: 'may read nothing.',
  control: 'may not cancel or resume runs, nor send messages to them.',
  decode: "may not decrypt values for Temporal's UI.",
  admin: 'may not manage API keys, nor remove runs.',
  none: '',
};

/** Whether a caller may start runs of an assistant, or use its Connection Key for a standalone approval. */
export function mayStart({ scopes: { start } }: Caller, assistant: string): boolean {
  return start === 'all' || start.includes(assistant);
}

/** Whether a caller sees the runs of another one. `owner` is null for runs without a known caller. */
export function maySee({ name, scopes: { read } }: Caller, owner: string | null): boolean {
  return read === 'all' || owner === name;
}

/** Whether a caller may cancel, resume and send messages to the runs of another one. */
export function mayControl(caller: Caller, owner: string | null): boolean {
  const { control } = caller.scopes;
  return maySee(caller, owner) && (control === 'all' || (control === 'own' && owner === caller.name));
}
