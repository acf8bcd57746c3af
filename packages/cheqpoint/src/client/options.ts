import { checkAddress, checkConnectionKey } from '../http/check-address.ts';
import { hostedCheqpointUrl } from '../wire/wire-names.ts';
import { unknownOption } from '@holdpoint/json';
import { checkMilliseconds } from './check-input.ts';

/**
 * Options of `CheqpointClient`. The names are those of app.cheqpoint.co/docs/nodejs and
 * app.cheqpoint.co/docs/vercel-ai.
 */
export type CheqpointClientOptions = {
  /** Connection Key (`cq_live_…`). Required, unless `connectionKey` is given. */
  apiKey?: string | undefined;
  /** The same key under the name of a newer page. Give one of the two. */
  connectionKey?: string | undefined;
  /**
   * Address of the service: hosted Cheqpoint, Holdpoint's review server, or a proxy with its path.
   *
   * @default 'https://app.cheqpoint.co'
   */
  baseUrl?: string | undefined;
  /**
   * How long `checkpoint` waits, in milliseconds. (Cheqpoint's Python package counts seconds.)
   *
   * @default 300_000
   */
  timeout?: number | undefined;
  /** The same with the unit in the name. Takes precedence over `timeout`. */
  timeoutMs?: number | undefined;
  /**
   * First pause between two polls of an open request, in milliseconds. Later pauses grow up to 5 seconds.
   *
   * @default 1000
   */
  pollIntervalMs?: number | undefined;
  /**
   * How `effectiveDetails` are made from a reviewer's edit.
   *
   * - `'replace'`: the edit as it is. An edit that omits a top-level key of the original is refused, because samples of
   *   Cheqpoint show edits that hold the changed keys only.
   * - `'merge'`: the edited keys over the original ones.
   *
   * @default 'replace'
   */
  edits?: 'replace' | 'merge' | undefined;
  /** @default globalThis.fetch */
  fetch?: typeof globalThis.fetch | undefined;
};

/** Options after defaults and checks. */
export type ResolvedOptions = {
  baseUrl: string;
  key: string;
  timeoutMs: number;
  pollIntervalMs: number;
  edits: 'replace' | 'merge';
  fetch: typeof globalThis.fetch;
};

const known = ['apiKey', 'connectionKey', 'baseUrl', 'timeout', 'timeoutMs', 'pollIntervalMs', 'edits', 'fetch'];

const fiveMinutesMs = 300_000;

/**
 * Checks options and fills in defaults.
 *
 * @throws Error or TypeError that names the invalid option and does not show the key.
 */
export function resolveOptions(options: CheqpointClientOptions): ResolvedOptions {
  const unknown = unknownOption(options, known);
  if (unknown !== undefined) throw new TypeError(`CheqpointClient has ${unknown}`);
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
  if (typeof key !== 'string')
    throw new TypeError('The Connection Key is missing. Pass it as apiKey or connectionKey.');
  if (edits !== 'replace' && edits !== 'merge') throw new TypeError('edits must be "replace" or "merge".');
  return {
    baseUrl: checkAddress(baseUrl, 'baseUrl'),
    key: checkConnectionKey(key, apiKey === undefined ? 'connectionKey' : 'apiKey'),
    timeoutMs: checkMilliseconds(
      options.timeoutMs === undefined ? 'timeout' : 'timeoutMs',
      options.timeoutMs ?? options.timeout ?? fiveMinutesMs,
    ),
    pollIntervalMs: checkMilliseconds('pollIntervalMs', pollIntervalMs, 1),
    edits,
    fetch,
  };
}
