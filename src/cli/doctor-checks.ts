import { resolve } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { createReviewService, hostedCheqpointUrl, ReviewFailure } from '@holdpoint/cheqpoint';
import { openDatabase } from '../adapters/database/open-database.ts';
import { clockWarning } from '../adapters/review-clock.ts';
import { missingAttributes } from '../adapters/temporal/search-attributes.ts';
import { readPayloadKeyUse } from '../adapters/temporal/payload-key-use.ts';
import { readDeployment, stalled, stalledText } from '../adapters/temporal/deployments.ts';
import { checkServerVersion } from '../adapters/temporal/server-version.ts';
import type { HoldpointConfig } from '../assistant/assistant.ts';
import { ConfigError } from '../config/config-error.ts';
import { machinePaths, processEnvironment } from '../config/environment.ts';
import { loadUserConfig } from '../config/load-user-config.ts';
import { doctorSchema } from '../config/process-schemas.ts';
import { defaultTemporalAddress, readConfig, type Config } from '../config/read-config.ts';
import { defaultTaskQueue } from '../domain/wire-names.ts';
import { findTemporalCli } from '../embedded/temporal-cli.ts';
import { checkReviewGroups, namesGroups } from '../worker/check-review-groups.ts';
import { mostExecutions, payloadKeysFinding } from './doctor-payload-keys.ts';
import { readRotation } from './doctor-rotation.ts';

/** One check. `skipped`: nothing is set, so there is nothing to check. */
export type Check = { name: string; state: 'ok' | 'failed' | 'skipped'; found: string; todo?: string };

type Finding = Omit<Check, 'name'>;
type AllSettings = Config<typeof doctorSchema>;

const ok = (found: string): Finding => ({ state: 'ok', found });
const failed = (found: string, todo: string): Finding => ({ state: 'failed', found, todo });
const skipped = (found: string): Finding => ({ state: 'skipped', found });

const patienceMs = 5000;

/** Runs all checks and lists them in the order to fix them. Each waits for a server for at most a few seconds. */
export async function runChecks(configFile?: string): Promise<Check[]> {
  const node: Check = { name: 'Node', ...ok(process.version) };
  const config = settings();
  if (Array.isArray(config))
    return [
      node,
      ...config.map((problem): Check => ({
        name: 'Settings',
        ...failed(problem, 'docs/configuration.md says what each variable is for.'),
      })),
    ];
  const loaded = await loadUserConfig(resolve(configFile ?? config.configFile)).catch((error: unknown) => error);
  const userConfig = loaded instanceof Error ? undefined : (loaded as { config: HoldpointConfig }).config;
  const checks: Array<[string, Promise<Finding>]> = [
    ['Temporal', temporal(config)],
    ['Deployment', deployment(config, userConfig)],
    ['Payload keys', payloadKeys(config)],
    ['Temporal CLI', temporalCli(config)],
    ['Database', database(config)],
    ['Cheqpoint', cheqpoint(config)],
    ...(userConfig !== undefined && namesGroups(userConfig)
      ? [['Review groups', reviewGroups(config, userConfig)] as [string, Promise<Finding>]]
      : []),
    ['OpenAI', openai(config, userConfig)],
    ['Public URL', publicUrl(config)],
    ...(config.signingSecrets?.reveal().length === 2
      ? [['Secret rotation', secretRotation(config, userConfig)] as [string, Promise<Finding>]]
      : []),
  ];
  return [
    node,
    { name: 'Settings', ...ok('every variable is known and well formed') },
    {
      name: 'Your config',
      ...(userConfig === undefined
        ? failed((loaded as Error).message, 'Fix it, or choose another with --config FILE.')
        : ok(
            `assistants: ${userConfig.assistants.map(({ name, model, assistantId, tools }) => `${name} (${model ?? assistantId}, ${tools.length} tools)`).join(', ')}`,
          )),
    },
    ...(await Promise.all(checks.map(async ([name, finding]): Promise<Check> => ({ name, ...(await finding) })))),
  ];
}

function settings(): AllSettings | string[] {
  try {
    return readConfig(processEnvironment(), doctorSchema);
  } catch (error) {
    if (error instanceof ConfigError) return [...error.problems];
    throw error;
  }
}

async function temporal({ temporalAddress, temporalNamespace, temporalConnection }: AllSettings): Promise<Finding> {
  let connection: Connection;
  try {
    connection = await Connection.connect({ ...temporalConnection.reveal(), connectTimeout: patienceMs });
  } catch (error) {
    if (temporalAddress === defaultTemporalAddress)
      return skipped(`none at ${temporalAddress}; \`holdpoint dev\` brings its own server`);
    return failed(
      `${temporalAddress} can't be reached (${message(error)})`,
      'Check TEMPORAL_ADDRESS and the credentials: TEMPORAL_API_KEY, TEMPORAL_TLS_*.',
    );
  }
  try {
    const version = await checkServerVersion(connection).catch((error: unknown) =>
      failed(`${temporalAddress}: ${message(error)}`, 'Or name another server: TEMPORAL_ADDRESS.'),
    );
    if (typeof version !== 'string') return version;
    const missing = await missingAttributes(connection, temporalNamespace);
    return ok(
      `${temporalAddress} (server ${version}), namespace ${temporalNamespace}${missing.length === 0 ? '' : '; the worker will make its search attributes at its first start'}`,
    );
  } catch (error) {
    return failed(
      `${temporalAddress}, namespace ${temporalNamespace}: ${message(error)}`,
      'Check TEMPORAL_NAMESPACE and the permissions of the key.',
    );
  } finally {
    await connection.close();
  }
}

/** Pinned runs that no worker can go on with: Temporal reports no error for them. */
async function deployment(
  { deployment: name, taskQueue, ...config }: AllSettings,
  userConfig: HoldpointConfig | undefined,
): Promise<Finding> {
  let connection: Connection;
  try {
    connection = await Connection.connect({ ...config.temporalConnection.reveal(), connectTimeout: patienceMs });
  } catch {
    return skipped('Temporal does not answer');
  }
  try {
    const client = new Client({ connection, namespace: config.temporalNamespace });
    const found = await readDeployment(client, {
      ...(name !== undefined && { name }),
      taskQueue: taskQueue ?? userConfig?.taskQueue ?? defaultTaskQueue,
    });
    if (found === undefined) return skipped('no worker has a build id; any worker goes on with a run');
    const problem = stalled(found).map(stalledText).join(' ');
    if (problem !== '') return failed(problem, 'docs/deployments.md');
    return found.current === null
      ? failed('no build is current, so new runs wait', 'Choose one: holdpoint deployment promote BUILD')
      : ok(`new runs go to the build ${found.current}`);
  } catch (error) {
    return failed(message(error), 'Check the permissions of the key at Temporal.');
  } finally {
    await connection.close();
  }
}

async function payloadKeys({ payloadKeys: keys, ...config }: AllSettings): Promise<Finding> {
  let connection: Connection;
  try {
    connection = await Connection.connect({ ...config.temporalConnection.reveal(), connectTimeout: patienceMs });
  } catch {
    return skipped('Temporal is needed to see which keys its executions need');
  }
  try {
    const client = new Client({ connection, namespace: config.temporalNamespace });
    return payloadKeysFinding(keys?.reveal(), await readPayloadKeyUse(client, { most: mostExecutions }));
  } catch (error) {
    return failed(message(error), 'Keep every key of HOLDPOINT_PAYLOAD_KEYS until this check succeeds.');
  } finally {
    await connection.close();
  }
}

async function temporalCli({ temporalCli: override }: AllSettings): Promise<Finding> {
  const environment = processEnvironment();
  try {
    return ok(
      await findTemporalCli({ override, ...machinePaths(environment), environment, log: () => {}, fetch: false }),
    );
  } catch {
    return override === undefined
      ? skipped('none yet; `holdpoint dev` fetches one')
      : failed(
          `HOLDPOINT_TEMPORAL_CLI: ${override} can't be used`,
          'Set it to the path of a working `temporal`, or leave it out.',
        );
  }
}

async function database({ databaseUrl }: AllSettings): Promise<Finding> {
  if (databaseUrl === undefined) return skipped('HOLDPOINT_DATABASE_URL is not set; `holdpoint dev` uses a file');
  try {
    await (await openDatabase(databaseUrl.reveal())).close();
    return ok('opened, tables up to date');
  } catch (error) {
    return failed(message(error), 'Check HOLDPOINT_DATABASE_URL.');
  }
}

async function secretRotation(
  { signingSecrets, databaseUrl, taskQueue, ...config }: AllSettings,
  userConfig: HoldpointConfig | undefined,
): Promise<Finding> {
  if (databaseUrl === undefined || signingSecrets === undefined)
    return skipped('HOLDPOINT_SECRET has two values; HOLDPOINT_DATABASE_URL is needed to count what they sealed');
  const opened: Array<{ close(): Promise<void> }> = [];
  try {
    const connection = await Connection.connect({ ...config.temporalConnection.reveal(), connectTimeout: patienceMs });
    opened.push(connection);
    const database = await openDatabase(databaseUrl.reveal());
    opened.push(database);
    const { waiting, sealedWithSecond } = await readRotation({
      secrets: signingSecrets.reveal(),
      connection,
      namespace: config.temporalNamespace,
      taskQueue: taskQueue ?? userConfig?.taskQueue ?? defaultTaskQueue,
      database,
    });
    return ok(
      `HOLDPOINT_SECRET has two values, and the first seals. Of ${waiting} waiting requests ${sealedWithSecond} need the second value${sealedWithSecond === 0 ? '. In step 3 of the rotation you can remove it now' : ': keep it'}`,
    );
  } catch (error) {
    return failed(message(error), 'Keep both values of HOLDPOINT_SECRET until this check succeeds.');
  } finally {
    await Promise.allSettled(opened.map((each) => each.close()));
  }
}

async function cheqpoint({ connectionKey, cheqpointUrl = hostedCheqpointUrl }: AllSettings): Promise<Finding> {
  if (connectionKey === undefined)
    return skipped('CHEQPOINT_CONNECTION_KEY is not set; `holdpoint dev` uses a local review server');
  let warning: string | undefined;
  const accepted = (): Finding => ({
    ...ok(`${cheqpointUrl}, key accepted`),
    ...(warning !== undefined && { todo: warning }),
  });
  try {
    // No request has this id: "not found" proves that the key is accepted.
    await createReviewService({
      baseUrl: cheqpointUrl,
      connectionKey: connectionKey.reveal(),
      timeoutMs: patienceMs,
      onClock: (aheadMs) => (warning = clockWarning(aheadMs)),
    }).read('req_holdpoint_doctor', AbortSignal.timeout(patienceMs));
    return accepted();
  } catch (error) {
    if (error instanceof ReviewFailure && error.kind === 'gone') return accepted();
    return failed(message(error), 'Check CHEQPOINT_CONNECTION_KEY and CHEQPOINT_BASE_URL.');
  }
}

async function reviewGroups(
  { connectionKey, cheqpointUrl = hostedCheqpointUrl }: AllSettings,
  config: HoldpointConfig,
): Promise<Finding> {
  if (connectionKey === undefined) return skipped('CHEQPOINT_CONNECTION_KEY is not set');
  const cheqpoint = { connectionKey: connectionKey.reveal(), baseUrl: cheqpointUrl };
  const { unknown, warning } = await checkReviewGroups({ config, cheqpoint, timeoutMs: patienceMs });
  if (unknown.length > 0) return failed(unknown.join(' '), 'A worker does not start with an unknown group.');
  return { ...ok('every group of review.by and reviewBy exists'), ...(warning !== undefined && { todo: warning }) };
}

async function openai(
  { openaiApiKey, openaiBaseUrl = 'https://api.openai.com/v1' }: AllSettings,
  userConfig: HoldpointConfig | undefined,
): Promise<Finding> {
  if (openaiApiKey === undefined)
    return skipped('OPENAI_API_KEY is not set; `holdpoint dev` uses a stand-in for the model');
  try {
    const response = await fetch(`${openaiBaseUrl}/models`, {
      headers: { authorization: `Bearer ${openaiApiKey.reveal()}` },
      signal: AbortSignal.timeout(patienceMs),
    });
    if (response.status === 401 || response.status === 403)
      return failed(`${openaiBaseUrl} refuses the key (HTTP ${response.status})`, 'Check OPENAI_API_KEY.');
    if (!response.ok)
      return failed(
        `${openaiBaseUrl}/models answers HTTP ${response.status}`,
        'Check OPENAI_BASE_URL; it ends in /v1 as a rule.',
      );
    const { data = [] } = (await response.json()) as { data?: Array<{ id: string }> };
    const assistants = userConfig?.assistants ?? [];
    const unknown = assistants.filter(({ model }) => model !== null && !data.some(({ id }) => id === model));
    if (unknown.length > 0)
      return failed(
        `${openaiBaseUrl} does not list ${unknown.map(({ name, model }) => `${model} (assistant ${name})`).join(', ')}`,
        'Use a model that this key can reach.',
      );
    const onThreads = assistants.filter(({ api }) => api === 'assistants').map(({ name }) => name);
    if (onThreads.length > 0 && !(await hasAssistantsApi(openaiBaseUrl, openaiApiKey.reveal()))) {
      return failed(
        `${openaiBaseUrl} has no Assistants API, which the config needs (${onThreads.join(', ')}); OpenAI ended it on 2026-08-26`,
        "Write api: 'responses', or set OPENAI_BASE_URL to a server that still has it.",
      );
    }
    return ok(`${openaiBaseUrl}, key accepted`);
  } catch (error) {
    return failed(`${openaiBaseUrl} can't be reached (${message(error)})`, 'Check OPENAI_BASE_URL and the network.');
  }
}

async function hasAssistantsApi(baseUrl: string, key: string): Promise<boolean> {
  const headers = { authorization: `Bearer ${key}`, 'openai-beta': 'assistants=v2' };
  const response = await fetch(`${baseUrl}/assistants?limit=1`, { headers, signal: AbortSignal.timeout(patienceMs) });
  return response.status !== 404 && response.status !== 410;
}

async function publicUrl({ publicUrl: url }: AllSettings): Promise<Finding> {
  if (url === undefined)
    return skipped('HOLDPOINT_PUBLIC_URL is not set: with hosted Cheqpoint decisions are polled every 5 s');
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(patienceMs) });
    return response.ok
      ? ok(`${url} is the gateway`)
      : failed(`${url}/healthz answers HTTP ${response.status}`, 'It must lead to the gateway.');
  } catch (error) {
    return failed(
      `${url} can't be reached from here (${message(error)})`,
      'Start the gateway, or correct HOLDPOINT_PUBLIC_URL.',
    );
  }
}

function message(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
