import { checkAddress, checkConnectionKey } from '../http/check-address.ts';
import { checkMilliseconds } from './check-input.ts';

/** Where Cheqpoint is, and who asks. Names as in Cheqpoint's pages (app.cheqpoint.co/docs/nodejs, app.cheqpoint.co/docs/vercel-ai). */
export type CheqpointClientOptions = {
  /** The Connection Key (`cq_live_…`). */
  apiKey?: string | undefined;
  /** The same under the name of a newer page; give one of the two. */
  connectionKey?: string | undefined;
  /** Default `https://app.cheqpoint.co`; the address of Holdpoint's review server, or of a proxy, with its path. */
  baseUrl?: string | undefined;
  /** How long `checkpoint` waits unless told otherwise, in milliseconds (Cheqpoint's Python package counts seconds). Default 5 minutes. */
  timeout?: number | undefined;
  /** The same, with its unit in the name; wins over `timeout`. */
  timeoutMs?: number | undefined;
  /** The first pause between two looks at an open request, in milliseconds; later ones grow up to 5 seconds. Default 1,000. */
  pollIntervalMs?: number | undefined;
  /**
   * What `effectiveDetails` are after an edit. `replace` (default): the edited object as it is, and an edit that leaves
   * out a top-level key of the original is refused, since Cheqpoint's own samples show edits with the changed keys only.
   * `merge`: the edited keys over the original ones.
   */
  edits?: 'replace' | 'merge' | undefined;
  /** Default: the global one. */
  fetch?: typeof globalThis.fetch | undefined;
};

/** Options as the client works with them. */
export type ResolvedOptions = {
  baseUrl: string;
  key: string;
  timeoutMs: number;
  pollIntervalMs: number;
  edits: 'replace' | 'merge';
  fetch: typeof globalThis.fetch;
};

/** Hosted Cheqpoint, the default everywhere. */
export const hostedCheqpointUrl = 'https://app.cheqpoint.co';
const FIVE_MINUTES_MS = 300_000;

/** Fills in the defaults. @throws Error or TypeError that says which option is wrong, without the key. */
export function resolveOptions(options: CheqpointClientOptions): ResolvedOptions {
  const {
    apiKey,
    connectionKey,
    baseUrl = hostedCheqpointUrl,
    pollIntervalMs = 1000,
    edits = 'replace',
    fetch = globalThis.fetch,
  } = options;
  if (apiKey !== undefined && connectionKey !== undefined && apiKey !== connectionKey)
    throw new TypeError('apiKey and connectionKey are two names of one option, and these differ. Give one.');
  const key = apiKey ?? connectionKey;
  if (typeof key !== 'string') throw new TypeError('There is no Connection Key. Pass it as apiKey or connectionKey.');
  if (edits !== 'replace' && edits !== 'merge') throw new TypeError('edits must be "replace" or "merge".');
  return {
    baseUrl: checkAddress(baseUrl, 'baseUrl'),
    key: checkConnectionKey(key, apiKey === undefined ? 'connectionKey' : 'apiKey'),
    timeoutMs: checkMilliseconds(
      options.timeoutMs === undefined ? 'timeout' : 'timeoutMs',
      options.timeoutMs ?? options.timeout ?? FIVE_MINUTES_MS,
    ),
    pollIntervalMs: checkMilliseconds('pollIntervalMs', pollIntervalMs, 1),
    edits,
    fetch,
  };
}
