import { homedir } from 'node:os';
import { join } from 'node:path';
import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import { z } from 'zod';
import { misspelled } from './config-names.ts';
import { Secret, usageExitCode } from '@holdpoint/process';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of this process. Nothing else in the product reads it. */
export function processEnvironment(): Environment {
  return process.env;
}

/** Adds the variables of a file to the environment of this process; those that are set stay. @throws ConfigError when it can't be read. */
export function loadEnvironmentFile(file: string): void {
  try {
    process.loadEnvFile(file);
  } catch (cause) {
    throw new ConfigError([`--env ${file} can't be read: ${cause instanceof Error ? cause.message : String(cause)}.`]);
  }
}

/** Sets a variable of this process, for an option of the command line that stands for it. */
export function setVariable(name: VariableName, value: string): void {
  process.env[name] = value;
}

/** Where a server listens. Port 0 takes any free one. */
export type ListenAddress = { host: string; port: number };

const secret = z.string().transform((value) => new Secret(value));
const url = z
  .string()
  .refine(
    (value) => /^https?:$/.test(URL.parse(value)?.protocol ?? ''),
    'must be a URL that begins with http:// or https://',
  )
  .transform((value) => value.replace(/\/+$/, ''));
const database = z
  .string()
  .regex(
    /^(postgres(ql)?|sqlite):/,
    'must begin with postgres:// (PostgreSQL) or sqlite: (a file on one machine, e.g. sqlite:///var/lib/holdpoint/holdpoint.db)',
  )
  .transform((value) => new Secret(value));
const listen = z.string().transform((value, context): ListenAddress => {
  const [, host, port] = /^(?:(.+):)?(\d{1,5})$/.exec(value) ?? [];
  if (port !== undefined && Number(port) < 65_536)
    return { host: host?.replace(/^\[(.*)\]$/, '$1') ?? '127.0.0.1', port: Number(port) };
  context.addIssue('must be a host and a port, e.g. 0.0.0.0:7341');
  return z.NEVER;
});
const macKeys = z.string().transform((value, context): Secret<readonly string[]> => {
  const keys = value.split(',').map((key) => key.trim());
  if (keys.length > 2)
    context.addIssue('must be one value, or two separated by a comma (the first signs, both verify)');
  if (keys.some((key) => key.length < 32))
    context.addIssue('must have at least 32 characters in each value; make one with: openssl rand -hex 32');
  return new Secret(keys);
});
const count = z
  .string()
  .regex(/^[1-9]\d{0,6}$/, 'must be a whole number from 1 to 9999999')
  .transform(Number);
const loopProtection = z.string().transform((value, context): { identicalRequests: number; withinSeconds: number } => {
  const [, identicalRequests, withinSeconds] = /^([1-9]\d{0,5})\/([1-9]\d{0,4})s$/.exec(value) ?? [];
  if (identicalRequests !== undefined && Number(withinSeconds) <= 86_400)
    return { identicalRequests: Number(identicalRequests), withinSeconds: Number(withinSeconds) };
  context.addIssue('must be a number of identical requests and a span of at most 86400 seconds, e.g. 5/60s');
  return z.NEVER;
});
const connectionKeys = z
  .string()
  .transform((value, context): Secret<ReadonlyArray<{ assistant: string; key: string }>> => {
    const pairs = value.split(',').map((pair) => pair.trim().split('='));
    if (pairs.some(([assistant, key, ...rest]) => !assistant || !key || rest.length > 0))
      context.addIssue('must be pairs of a name and a key, separated by commas: comms=key1,billing=key2');
    return new Secret(pairs.map(([assistant = '', key = '']) => ({ assistant, key })));
  });

/** Every variable that Holdpoint reads, beside Temporal's own; `.env.example` explains each one. */
const variables = {
  OPENAI_API_KEY: secret.optional(),
  OPENAI_BASE_URL: url.optional(),
  OPENAI_WEBHOOK_SECRET: secret.optional(),
  CHEQPOINT_CONNECTION_KEY: secret.optional(),
  CHEQPOINT_BASE_URL: url.default('https://app.cheqpoint.co'),
  CHEQPOINT_WEBHOOK_SECRET: secret.optional(),
  HOLDPOINT_SECRET: macKeys.optional(),
  HOLDPOINT_DATABASE_URL: database.optional(),
  HOLDPOINT_PUBLIC_URL: url.optional(),
  HOLDPOINT_CONFIG: z.string().default('holdpoint.config.ts'),
  HOLDPOINT_TASK_QUEUE: z.string().optional(),
  HOLDPOINT_METRICS_LISTEN: listen.optional(),
  HOLDPOINT_API_KEY: z
    .string()
    .min(16, 'must have at least 16 characters; make one with: openssl rand -hex 32')
    .transform((value) => new Secret(value))
    .optional(),
  HOLDPOINT_GATEWAY_LISTEN: listen.default({ host: '127.0.0.1', port: 7341 }),
  HOLDPOINT_GATEWAY_URL: url.optional(),
  HOLDPOINT_TEMPORAL_UI_URL: url.optional(),
  HOLDPOINT_REVIEW_DATABASE_URL: database.optional(),
  HOLDPOINT_REVIEW_LISTEN: listen.default({ host: '127.0.0.1', port: 7342 }),
  HOLDPOINT_REVIEW_PUBLIC_URL: url.optional(),
  HOLDPOINT_REVIEW_CONNECTION_KEYS: connectionKeys.optional(),
  HOLDPOINT_REVIEW_REQUESTS_PER_HOUR: count.optional(),
  HOLDPOINT_REVIEW_REQUESTS_PER_DAY: count.optional(),
  HOLDPOINT_REVIEW_LOOP_PROTECTION: loopProtection.optional(),
  HOLDPOINT_REVIEW_SESSION_SECRET: z
    .string()
    .min(16, 'must have at least 16 characters; make one with: openssl rand -hex 32')
    .transform((value) => new Secret(value))
    .optional(),
  HOLDPOINT_REVIEW_CALLBACK_HOSTS: z
    .string()
    .default('public')
    .transform((value): 'any' | 'public' | string[] =>
      value === 'any' || value === 'public' ? value : value.split(',').map((host) => host.trim()),
    ),
  HOLDPOINT_REVIEW_LOGIN_TOKEN: secret.optional(),
  HOLDPOINT_REVIEW_NOTIFY_URL: url.transform((value) => new Secret(value)).optional(),
  HOLDPOINT_REVIEW_NOTIFY_SHOWS: z.enum(['nothing', 'summary', 'arguments']).default('nothing'),
  HOLDPOINT_REVIEW_PROXIES: z
    .string()
    .regex(/^\d$/, 'must be the number of proxies in front, from 0 to 9')
    .transform(Number)
    .default(0),
  HOLDPOINT_REVIEWER_NAME: z.string().optional(),
  HOLDPOINT_REVIEWER_PASSWORD: secret.optional(),
  HOLDPOINT_REVIEWER_TOKEN: secret.optional(),
  HOLDPOINT_DATA_DIR: z.string().optional(),
  HOLDPOINT_TEMPORAL_CLI: z.string().optional(),
  HOLDPOINT_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
};

type VariableName = keyof typeof variables;

/** The names of all variables of our own, for `.env.example` and for suggestions. */
export const variableNames: readonly string[] = Object.keys(variables);

const schema = z.object(variables).transform((values) => ({
  openaiApiKey: values.OPENAI_API_KEY,
  openaiBaseUrl: values.OPENAI_BASE_URL,
  openaiWebhookSecret: values.OPENAI_WEBHOOK_SECRET,
  connectionKey: values.CHEQPOINT_CONNECTION_KEY,
  cheqpointUrl: values.CHEQPOINT_BASE_URL,
  cheqpointWebhookSecret: values.CHEQPOINT_WEBHOOK_SECRET,
  /** The first value signs, all verify. */
  macKeys: values.HOLDPOINT_SECRET,
  databaseUrl: values.HOLDPOINT_DATABASE_URL,
  /** The gateway as Cheqpoint reaches it. */
  publicUrl: values.HOLDPOINT_PUBLIC_URL,
  /** Path of the user's config. */
  configFile: values.HOLDPOINT_CONFIG,
  taskQueue: values.HOLDPOINT_TASK_QUEUE,
  metricsListen: values.HOLDPOINT_METRICS_LISTEN,
  /** What callers of the gateway send. */
  apiKey: values.HOLDPOINT_API_KEY,
  gatewayListen: values.HOLDPOINT_GATEWAY_LISTEN,
  /** The gateway as the CLI reaches it; default: the one of `holdpoint dev` on this machine. */
  gatewayUrl: values.HOLDPOINT_GATEWAY_URL,
  temporalUiUrl: values.HOLDPOINT_TEMPORAL_UI_URL,
  reviewDatabaseUrl: values.HOLDPOINT_REVIEW_DATABASE_URL,
  reviewListen: values.HOLDPOINT_REVIEW_LISTEN,
  /** The review server as people's browsers reach it. */
  reviewPublicUrl: values.HOLDPOINT_REVIEW_PUBLIC_URL,
  /** Whom the review server takes requests from. */
  reviewConnectionKeys: values.HOLDPOINT_REVIEW_CONNECTION_KEYS,
  /** For each assistant without limits of its own. */
  reviewLimits: {
    requestsPerHour: values.HOLDPOINT_REVIEW_REQUESTS_PER_HOUR,
    requestsPerDay: values.HOLDPOINT_REVIEW_REQUESTS_PER_DAY,
    loopProtection: values.HOLDPOINT_REVIEW_LOOP_PROTECTION,
  },
  reviewSessionSecret: values.HOLDPOINT_REVIEW_SESSION_SECRET,
  reviewCallbackHosts: values.HOLDPOINT_REVIEW_CALLBACK_HOSTS,
  reviewLoginToken: values.HOLDPOINT_REVIEW_LOGIN_TOKEN,
  /** An incoming webhook in Slack's format, for news of requests; often a secret. */
  reviewNotifyUrl: values.HOLDPOINT_REVIEW_NOTIFY_URL,
  reviewNotifyShows: values.HOLDPOINT_REVIEW_NOTIFY_SHOWS,
  /** How many proxies of one's own stand in front of the review server. */
  reviewProxies: values.HOLDPOINT_REVIEW_PROXIES,
  reviewerName: values.HOLDPOINT_REVIEWER_NAME,
  reviewerPassword: values.HOLDPOINT_REVIEWER_PASSWORD,
  reviewerToken: values.HOLDPOINT_REVIEWER_TOKEN,
  dataDir: values.HOLDPOINT_DATA_DIR,
  temporalCli: values.HOLDPOINT_TEMPORAL_CLI,
  logLevel: values.HOLDPOINT_LOG_LEVEL,
}));

type Values = z.output<typeof schema>;

/** How to reach Temporal: from Temporal's own variables and its config file. */
type TemporalConfig = {
  temporalAddress: string;
  temporalNamespace: string;
  /** For `Connection.connect` and `NativeConnection.connect`; holds keys. */
  temporalConnection: Secret<ClientConnectConfig['connectionOptions']>;
};

/** Values that a process can't do without, by their name in `Config`. */
export type Need =
  | 'openaiApiKey'
  | 'connectionKey'
  | 'macKeys'
  | 'databaseUrl'
  | 'apiKey'
  | 'reviewDatabaseUrl'
  | 'reviewSessionSecret'
  | 'reviewerName'
  | 'reviewerPassword'
  | 'reviewerToken';

const variableOf: Record<Need, string> = {
  openaiApiKey: 'OPENAI_API_KEY',
  connectionKey: 'CHEQPOINT_CONNECTION_KEY',
  macKeys: 'HOLDPOINT_SECRET',
  databaseUrl: 'HOLDPOINT_DATABASE_URL',
  apiKey: 'HOLDPOINT_API_KEY',
  reviewDatabaseUrl: 'HOLDPOINT_REVIEW_DATABASE_URL',
  reviewSessionSecret: 'HOLDPOINT_REVIEW_SESSION_SECRET',
  reviewerName: 'HOLDPOINT_REVIEWER_NAME',
  reviewerPassword: 'HOLDPOINT_REVIEWER_PASSWORD',
  reviewerToken: 'HOLDPOINT_REVIEWER_TOKEN',
};

/** The configuration of one process: checked, frozen, secrets wrapped. What `needs` names is there for certain. */
export type Config<Needs extends Need = never> = Readonly<
  Values & TemporalConfig & { [Name in Needs]: NonNullable<Values[Name]> }
>;

/** The configuration can't be used. Its message lists everything that is wrong, one line each, and no value of a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly exitCode = usageExitCode;
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      problems.length === 1
        ? `${problems[0]}`
        : `${problems.length} settings need attention:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

/**
 * Reads the configuration of one process. An empty variable counts as unset.
 * @throws ConfigError with all problems together: missing, malformed and misspelled variables.
 */
export function readConfig<const Needs extends Need = never>(
  environment: Environment,
  needs: readonly Needs[] = [],
): Config<Needs> {
  const set = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = schema.safeParse(set);
  const temporal = readTemporal(set as Record<string, string>);
  const problems = [
    ...misspelled(set as Record<string, string>, variableNames),
    ...(parsed.error?.issues ?? []).map(
      (issue) => `${String(issue.path[0])} ${issue.message.replace(/^Invalid option: expected/, 'must be')}.`,
    ),
    ...needs
      .filter((need) => set[variableOf[need]] === undefined)
      .map((need) => `${variableOf[need]} is not set. .env.example says what it is for.`),
    ...(typeof temporal === 'string' ? [temporal] : []),
  ];
  if (problems.length > 0 || parsed.data === undefined || typeof temporal === 'string') throw new ConfigError(problems);
  return Object.freeze({ ...parsed.data, ...temporal }) as Config<Needs>;
}

/** Where Temporal is looked for when nothing says where it is: the default of Temporal's own tools. */
export const unsetTemporalAddress = 'localhost:7233';

function readTemporal(environment: Record<string, string>): TemporalConfig | string {
  try {
    const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars: environment });
    return {
      temporalAddress: connectionOptions.address ?? unsetTemporalAddress,
      temporalNamespace: namespace ?? 'default',
      temporalConnection: new Secret(connectionOptions),
    };
  } catch (error) {
    return `Temporal's settings (TEMPORAL_* variables and its config file) can't be read: ${error instanceof Error ? error.message : String(error)}.`;
  }
}

/** Where this machine keeps downloads of ours, and where it looks for programs. */
export function machinePaths(
  environment: Environment,
  platform: NodeJS.Platform = process.platform,
): { cache: string; programs: string[] } {
  const home = environment['HOME'] ?? homedir();
  const cache =
    environment['XDG_CACHE_HOME'] || (platform === 'darwin' ? join(home, 'Library', 'Caches') : join(home, '.cache'));
  return {
    cache: join(cache, 'holdpoint'),
    programs: (environment['PATH'] ?? '').split(':').filter((folder) => folder !== ''),
  };
}

/** What a user's own code may see of the environment: everything but the names that Holdpoint, its services and Temporal read. */
export function environmentWithoutOurs(environment: Environment): Record<string, string> {
  const ours = /^(HOLDPOINT|CHEQPOINT|OPENAI|TEMPORAL)_/;
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !ours.test(entry[0]),
    ),
  );
}
