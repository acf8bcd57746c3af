import { createReviewService, hostedCheqpointUrl, ReviewFailure } from '@holdpoint/cheqpoint';
import { scopeHeaders } from '@holdpoint/process';
import { Runtime } from '@temporalio/worker';
import type { Registry } from 'prom-client';
import type { WorkerDependencies } from '../activities/context.ts';
import type { SurfaceLog } from '../adapters/openai/surface-log.ts';
import type { HoldpointConfig } from '../assistant/assistant.ts';
import { checkOptions } from '../assistant/invalid-definition.ts';
import { noAssistant } from '../domain/standalone-approval.ts';
import { hasUserInfo } from '../schemas/has-user-info.ts';
import { checkReviewGroups } from './check-review-groups.ts';

/** Options of a worker, whoever connects it to Temporal. */
export type HoldpointOptions = {
  /** The result of `defineConfig`. The worker polls its Task Queue. */
  config: HoldpointConfig;
  /** Holdpoint's database: `postgres://user:password@host/database`, or `sqlite:///absolute/path` on one machine. */
  databaseUrl: string;
  /**
   * Secrets that bind approvals to calls (HMAC), each of 32 or more characters. The first signs, all verify: keep an
   * old secret as long as approvals signed with it wait. The gateway needs the same secrets.
   */
  secrets: readonly string[];
  /** `silenceMs`: longest silence of a streamed answer, and of a call of the Assistants API. @default 180_000 */
  openai: { apiKey: string; baseURL?: string; silenceMs?: number };
  /**
   * Connection Key of assistants without their own. `baseUrl` defaults to hosted Cheqpoint, `https://app.cheqpoint.co`.
   */
  cheqpoint: { connectionKey?: string; baseUrl?: string };
  /** The gateway's address as Cheqpoint reaches it, for callbacks. Without it, decisions are polled every 5 seconds. */
  publicUrl?: string;
  /** Address of Temporal's Web UI, for links in review requests. @default no links */
  temporalUiUrl?: string;
  /**
   * Most tools at a time in this process, apart from its other Activities: on the Task Queue `<taskQueue>-tools`.
   * @default none: tools share the slots of all Activities
   */
  toolSlots?: number;
  /** Logs differences between a model server and OpenAI, for example with pino. @default Temporal's logger */
  log?: SurfaceLog;
  /**
   * Longest wait for Temporal and for the database when they are away at the start, in milliseconds, each.
   * @default 10_000
   */
  startWaitMs?: number;
  /**
   * Whether a group in `review.by` or `reviewBy` that the review server does not know stops the start, or is logged.
   * Its requests go to the administrators.
   * @default 'refuse'
   */
  unknownGroups?: 'refuse' | 'warn';
  /** Registry of prom-client for the worker's metrics. One worker for each registry. @default no metrics */
  metrics?: Registry;
  /** OpenTelemetry spans of tools have their arguments and results. @default false */
  traceContent?: boolean;
};

export const defaultStartWaitMs = 10_000;

const knownOptions = [
  'config',
  'databaseUrl',
  'secrets',
  'openai',
  'cheqpoint',
  'publicUrl',
  'temporalUiUrl',
  'toolSlots',
  'log',
  'startWaitMs',
  'unknownGroups',
  'metrics',
  'traceContent',
] satisfies Array<keyof HoldpointOptions>;

/** `place` names the function. `more`: its further options. @throws Error for malformed options. */
export function checkHoldpointOptions(place: string, options: HoldpointOptions, more: readonly string[] = []): void {
  checkOptions(place, 'the options', options, [...more, ...knownOptions]);
  checkOptions(place, 'openai', options.openai, ['apiKey', 'baseURL', 'silenceMs']);
  checkOptions(place, 'cheqpoint', options.cheqpoint, ['connectionKey', 'baseUrl']);
  refuseBadSlots(place, { toolSlots: options.toolSlots });
  refuseWeakSecrets(place, options.secrets);
  refuseUserInfo(place, options);
}

/** @throws Error that names each unknown group of the config, and the groups of the review server. */
export async function refuseUnknownGroups(
  { config, cheqpoint, unknownGroups = 'refuse' }: HoldpointOptions,
  log: SurfaceLog,
): Promise<void> {
  const { unknown, warning } = await checkReviewGroups({ config, cheqpoint });
  if (warning !== undefined) log.warn({}, warning);
  if (unknown.length === 0) return;
  if (unknownGroups === 'refuse') throw new Error(unknown.join('\n'));
  for (const sentence of unknown) log.warn({}, `${sentence} Until then its requests go to the administrators.`);
}

export function runtimeLog(): SurfaceLog {
  const { logger } = Runtime.instance();
  return {
    info: (fields, message) => logger.info(message, { ...fields }),
    warn: (fields, message) => logger.warn(message, { ...fields }),
  };
}

/** One service for each Connection Key: the assistant's own key, else the default one. */
export function reviewServices(
  { cheqpoint }: HoldpointOptions,
  onClock: (aheadMs: number) => void,
): WorkerDependencies['review'] {
  const baseUrl = cheqpoint.baseUrl ?? hostedCheqpointUrl;
  const services = new Map<string, ReturnType<typeof createReviewService>>();
  return ({ name, connectionKey: own }) => {
    const connectionKey = own ?? cheqpoint.connectionKey;
    if (connectionKey === undefined) {
      const whose = name === noAssistant ? 'An approval that names no assistant' : `The assistant "${name}"`;
      throw new ReviewFailure(
        'access-denied',
        `${whose} has no Cheqpoint Connection Key: set CHEQPOINT_CONNECTION_KEY, or connectionKey of the assistant.`,
        { sent: false },
      );
    }
    const service =
      services.get(connectionKey) ?? createReviewService({ baseUrl, connectionKey, onClock, headers: scopeHeaders });
    services.set(connectionKey, service);
    return service;
  };
}

/** @throws TypeError for a number of slots that is not a whole number above 0. */
export function refuseBadSlots(place: string, slots: Record<string, number | undefined>): void {
  for (const [name, count] of Object.entries(slots))
    if (count !== undefined && !(Number.isSafeInteger(count) && count > 0))
      throw new TypeError(`${place}: ${name} must be a whole number above 0, or left out.`);
}

function refuseWeakSecrets(place: string, secrets: readonly string[]): void {
  if (secrets.length === 0 || secrets.some((secret) => secret.length < 32)) {
    throw new Error(
      `${place} needs \`secrets\`: one or more values of at least 32 characters (HOLDPOINT_SECRET). \`openssl rand -base64 32\` makes one.`,
    );
  }
}

/** @throws TypeError for an address with a user name or password, which it does not show. */
function refuseUserInfo(place: string, { openai, cheqpoint, publicUrl, temporalUiUrl }: HoldpointOptions): void {
  const addresses = {
    'openai.baseURL': openai.baseURL,
    'cheqpoint.baseUrl': cheqpoint.baseUrl,
    publicUrl,
    temporalUiUrl,
  };
  for (const [name, address] of Object.entries(addresses))
    if (address !== undefined && hasUserInfo(address))
      throw new TypeError(
        `${place}: ${name} must not carry a user name or password (user:password@). Remove them: keys have their own options.`,
      );
}
