import { z } from 'zod';
import { Secret } from '@holdpoint/process';
import { roleNames, shortestRetentionMs } from '@holdpoint/review-server/contract';
import { versionings } from '../domain/deployment.ts';
import { durationMs } from '../schemas/duration.ts';
import { hasUserInfo } from '../schemas/has-user-info.ts';
import { payloadKeyProblems, readPayloadKeys, type PayloadEncryption } from '../schemas/payload-keys.ts';

/** The address of a server's socket. Port 0: any free port. */
export type ListenAddress = { host: string; port: number };

const secret = z.string().transform((value) => new Secret(value));
const longSecret = z
  .string()
  .min(16, 'must have at least 16 characters; make one with: openssl rand -hex 32')
  .transform((value) => new Secret(value));
const webAddress = z
  .string()
  .refine(
    (value) => /^https?:$/.test(URL.parse(value)?.protocol ?? ''),
    'must be a URL that begins with http:// or https://',
  )
  .refine(
    (value) => !hasUserInfo(value),
    'must not carry a user name or password (user:password@). Remove them: keys have their own settings',
  );
const url = webAddress.transform((value) => value.replace(/\/+$/, ''));
const databaseUrl = z
  .string()
  .regex(
    /^(postgres(ql)?|sqlite):/,
    'must begin with postgres:// (PostgreSQL) or sqlite: (a file on one machine, e.g. sqlite:///var/lib/holdpoint/holdpoint.db)',
  )
  .transform((value) => new Secret(value));
const listenAddress = z.string().transform((value, context): ListenAddress => {
  const [, host, port] = /^(?:(.+):)?(\d{1,5})$/.exec(value) ?? [];
  if (port !== undefined && Number(port) < 65_536)
    return { host: host?.replace(/^\[(.*)\]$/, '$1') ?? '127.0.0.1', port: Number(port) };
  context.addIssue('must be a host and a port, e.g. 0.0.0.0:7341');
  return z.NEVER;
});
const signingSecrets = z.string().transform((value, context): Secret<readonly string[]> => {
  const secrets = value.split(',').map((each) => each.trim());
  if (secrets.length > 2)
    context.addIssue('must be one value, or two separated by a comma (the first signs, both verify)');
  if (secrets.some((each) => each.length < 32))
    context.addIssue('must have at least 32 characters in each value; make one with: openssl rand -hex 32');
  return new Secret(secrets);
});
const payloadKeys = z.string().transform((value, context): Secret<PayloadEncryption> => {
  const encryption = readPayloadKeys(value);
  for (const problem of payloadKeyProblems(encryption)) context.addIssue(problem);
  return new Secret(encryption);
});
const count = z
  .string()
  .regex(/^[1-9]\d{0,6}$/, 'must be a whole number from 1 to 9999999')
  .transform(Number);
const slots = z
  .string()
  .regex(/^[1-9]\d{0,4}$/, 'must be a whole number from 1 to 99999')
  .transform(Number);
const seconds = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a whole number of seconds from 0 to 99999')
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
const callbackHosts = z
  .string()
  .transform((value): 'any' | 'public' | string[] =>
    value === 'any' || value === 'public' ? value : value.split(',').map((host) => host.trim()),
  );
const retention = z.string().transform((value, context) => {
  const span = durationMs(value);
  if (span !== undefined && span >= shortestRetentionMs) return span;
  context.addIssue('must be a span of a day at least, such as 90d');
  return z.NEVER;
});
const groupRoles = z.string().transform((value, context) => {
  const pairs = value.split(',').map((pair) => /^\s*(.+?)\s*=\s*(\w+)\s*$/.exec(pair) ?? []);
  const roles = pairs.flatMap(([, group, named]) => {
    const role = roleNames.find((name) => name === named);
    return group === undefined || role === undefined ? [] : [{ group, role }];
  });
  if (roles.length === pairs.length) return roles;
  context.addIssue(
    'must be pairs of a group and a role (reviewer, admin or auditor), separated by commas: finance=reviewer,platform=admin',
  );
  return z.NEVER;
});
const proxyCount = z.string().regex(/^\d$/, 'must be the number of proxies in front, from 0 to 9').transform(Number);

/** Every setting: its variable, how its text is read, its default. `process-schemas.ts` says which process reads it. */
export const settings = {
  openaiApiKey: secretSetting('OPENAI_API_KEY', secret.optional()),
  openaiBaseUrl: setting('OPENAI_BASE_URL', url.optional()),
  modelSilenceSeconds: setting('HOLDPOINT_MODEL_SILENCE_SECONDS', count.default(180)),
  openaiWebhookSecret: secretSetting('OPENAI_WEBHOOK_SECRET', secret.optional()),

  connectionKey: secretSetting('CHEQPOINT_CONNECTION_KEY', secret.optional()),
  assistantKeys: secretSetting('HOLDPOINT_CONNECTION_KEYS', connectionKeys.optional()),
  cheqpointUrl: setting('CHEQPOINT_BASE_URL', url.optional()),
  cheqpointWebhookSecret: secretSetting('CHEQPOINT_WEBHOOK_SECRET', secret.optional()),

  signingSecrets: secretSetting('HOLDPOINT_SECRET', signingSecrets.optional()),
  payloadKeys: secretSetting('HOLDPOINT_PAYLOAD_KEYS', payloadKeys.optional()),
  databaseUrl: secretSetting('HOLDPOINT_DATABASE_URL', databaseUrl.optional()),
  publicUrl: setting('HOLDPOINT_PUBLIC_URL', url.optional()),
  configFile: setting('HOLDPOINT_CONFIG', z.string().default('holdpoint.config.ts')),
  buildId: setting('HOLDPOINT_BUILD_ID', z.string().max(200, 'must have at most 200 characters').optional()),
  deployment: setting('HOLDPOINT_DEPLOYMENT', z.string().optional()),
  versioning: setting('HOLDPOINT_VERSIONING', z.enum(versionings).default('auto-upgrade')),
  taskQueue: setting('HOLDPOINT_TASK_QUEUE', z.string().optional()),
  toolSlots: setting('HOLDPOINT_TOOL_SLOTS', slots.optional()),
  activitySlots: setting('HOLDPOINT_ACTIVITY_SLOTS', slots.optional()),
  workerListen: setting('HOLDPOINT_WORKER_LISTEN', listenAddress.optional()),
  metricsListen: setting('HOLDPOINT_METRICS_LISTEN', listenAddress.optional()),
  traceContent: setting('HOLDPOINT_TRACE_CONTENT', z.enum(['on', 'off']).default('off')),
  temporalUiUrl: setting('HOLDPOINT_TEMPORAL_UI_URL', url.optional()),

  apiKey: secretSetting('HOLDPOINT_API_KEY', longSecret.optional()),
  retention: setting('HOLDPOINT_RETENTION', retention.optional()),
  gatewayListen: setting('HOLDPOINT_GATEWAY_LISTEN', listenAddress.default({ host: '127.0.0.1', port: 7341 })),
  gatewayUrl: setting('HOLDPOINT_GATEWAY_URL', url.optional()),
  inboxUrl: setting('HOLDPOINT_INBOX_URL', url.optional()),

  reviewDatabaseUrl: secretSetting('HOLDPOINT_REVIEW_DATABASE_URL', databaseUrl.optional()),
  reviewListen: setting('HOLDPOINT_REVIEW_LISTEN', listenAddress.default({ host: '127.0.0.1', port: 7342 })),
  reviewPublicUrl: setting('HOLDPOINT_REVIEW_PUBLIC_URL', url.optional()),
  reviewConnectionKeys: secretSetting('HOLDPOINT_REVIEW_CONNECTION_KEYS', connectionKeys.optional()),
  reviewRequestsPerHour: setting('HOLDPOINT_REVIEW_REQUESTS_PER_HOUR', count.optional()),
  reviewRequestsPerDay: setting('HOLDPOINT_REVIEW_REQUESTS_PER_DAY', count.optional()),
  reviewLoopProtection: setting('HOLDPOINT_REVIEW_LOOP_PROTECTION', loopProtection.optional()),
  reviewSessionSecret: secretSetting('HOLDPOINT_REVIEW_SESSION_SECRET', longSecret.optional()),
  reviewCallbackHosts: setting('HOLDPOINT_REVIEW_CALLBACK_HOSTS', callbackHosts.optional()),
  reviewLoginToken: secretSetting('HOLDPOINT_REVIEW_LOGIN_TOKEN', secret.optional()),
  /** A secret, since the address of an incoming webhook usually holds its key. */
  reviewNotifyUrl: secretSetting('HOLDPOINT_REVIEW_NOTIFY_URL', url.transform((value) => new Secret(value)).optional()),
  reviewNotifyShows: setting(
    'HOLDPOINT_REVIEW_NOTIFY_SHOWS',
    z.enum(['nothing', 'summary', 'arguments']).default('nothing'),
  ),
  reviewGatewayUrl: setting('HOLDPOINT_REVIEW_GATEWAY_URL', url.optional()),
  reviewGatewayKey: secretSetting('HOLDPOINT_REVIEW_GATEWAY_KEY', longSecret.optional()),
  reviewGatewayPublicUrl: setting('HOLDPOINT_REVIEW_GATEWAY_PUBLIC_URL', url.optional()),
  reviewPresets: setting('HOLDPOINT_REVIEW_PRESETS', z.string().optional()),
  reviewRetention: setting('HOLDPOINT_REVIEW_RETENTION', retention.optional()),
  reviewProxies: setting('HOLDPOINT_REVIEW_PROXIES', proxyCount.default(0)),
  // Kept as it is written: a slash at its end is part of an issuer's name.
  oidcIssuer: setting('HOLDPOINT_OIDC_ISSUER', webAddress.optional()),
  oidcClientId: setting('HOLDPOINT_OIDC_CLIENT_ID', z.string().optional()),
  oidcClientSecret: secretSetting('HOLDPOINT_OIDC_CLIENT_SECRET', secret.optional()),
  oidcScopes: setting('HOLDPOINT_OIDC_SCOPES', z.string().optional()),
  oidcName: setting('HOLDPOINT_OIDC_NAME', z.string().max(60, 'must have at most 60 characters').optional()),
  oidcGroupsClaim: setting('HOLDPOINT_OIDC_GROUPS_CLAIM', z.string().optional()),
  oidcRoles: setting('HOLDPOINT_OIDC_ROLES', groupRoles.optional()),
  passwordSignIn: setting('HOLDPOINT_PASSWORD_SIGN_IN', z.enum(['on', 'off']).default('on')),
  reviewerName: setting('HOLDPOINT_REVIEWER_NAME', z.string().optional()),
  reviewerPassword: secretSetting('HOLDPOINT_REVIEWER_PASSWORD', secret.optional()),
  reviewerToken: secretSetting('HOLDPOINT_REVIEWER_TOKEN', secret.optional()),

  startWaitSeconds: setting('HOLDPOINT_START_WAIT_SECONDS', seconds.default(60)),
  dataDir: setting('HOLDPOINT_DATA_DIR', z.string().optional()),
  temporalCli: setting('HOLDPOINT_TEMPORAL_CLI', z.string().optional()),
  logLevel: setting(
    'HOLDPOINT_LOG_LEVEL',
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  ),
};

export type SettingName = keyof typeof settings;

/** The value of a setting, as a process gets it. */
export type SettingValue<Name extends SettingName> = z.output<(typeof settings)[Name]['value']>;

export type VariableName = (typeof settings)[SettingName]['variable'];

/** The names of all variables of our own, without Temporal's. */
export const variableNames: readonly string[] = Object.values(settings).map(({ variable }) => variable);

function setting<const Variable extends string, Value extends z.ZodType>(variable: Variable, value: Value) {
  return { variable, value, isSecret: false };
}

/** A setting that may be read from the file that `<variable>_FILE` names. */
function secretSetting<const Variable extends string, Value extends z.ZodType>(variable: Variable, value: Value) {
  return { variable, value, isSecret: true };
}
