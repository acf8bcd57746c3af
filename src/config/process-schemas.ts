import { settings, type SettingName } from './settings.ts';

/** The settings that one process reads. */
export type ProcessSchema = {
  /** The process does not start without these. */
  required: readonly SettingName[];
  optional: readonly SettingName[];
  /** True if the process connects to Temporal and reads TEMPORAL_* and Temporal's config file. */
  temporal: boolean;
};

/** Sign-in with an OpenID Connect provider. */
const identityProviderSettings = [
  'oidcIssuer',
  'oidcClientId',
  'oidcClientSecret',
  'oidcScopes',
  'oidcName',
  'oidcGroupsClaim',
  'oidcRoles',
] as const satisfies readonly SettingName[];

/** `holdpoint worker`. */
export const workerSchema = {
  required: ['databaseUrl', 'signingSecrets', 'openaiApiKey'],
  optional: [
    'openaiBaseUrl',
    'modelSilenceSeconds',
    'connectionKey',
    'cheqpointUrl',
    'publicUrl',
    'configFile',
    'taskQueue',
    'buildId',
    'deployment',
    'versioning',
    'toolSlots',
    'activitySlots',
    'workerListen',
    'metricsListen',
    'traceContent',
    'temporalUiUrl',
    'payloadKeys',
    'startWaitSeconds',
    'logLevel',
  ],
  temporal: true,
} as const satisfies ProcessSchema;

/** `holdpoint gateway`. */
export const gatewaySchema = {
  required: ['apiKey', 'signingSecrets'],
  optional: [
    'databaseUrl',
    'taskQueue',
    'retention',
    'gatewayListen',
    'connectionKey',
    'assistantKeys',
    'cheqpointUrl',
    'cheqpointWebhookSecret',
    'openaiWebhookSecret',
    'payloadKeys',
    'temporalUiUrl',
    'inboxUrl',
    'startWaitSeconds',
    'logLevel',
  ],
  temporal: true,
} as const satisfies ProcessSchema;

/** `holdpoint review-server --reset-passkeys`. */
export const reviewDatabaseSchema = {
  required: ['reviewDatabaseUrl'],
  optional: [],
  temporal: false,
} as const satisfies ProcessSchema;

/** `holdpoint review-server`. */
export const reviewServerSchema = {
  required: ['reviewDatabaseUrl', 'reviewSessionSecret', 'reviewerName', 'reviewerPassword'],
  optional: [
    'reviewListen',
    'reviewPublicUrl',
    'reviewConnectionKeys',
    'reviewRequestsPerHour',
    'reviewRequestsPerDay',
    'reviewLoopProtection',
    'reviewCallbackHosts',
    'reviewLoginToken',
    'reviewNotifyUrl',
    'reviewNotifyShows',
    'reviewPresets',
    'reviewRetention',
    'reviewProxies',
    ...identityProviderSettings,
    'passwordSignIn',
    'reviewGatewayUrl',
    'reviewGatewayKey',
    'reviewGatewayPublicUrl',
    'cheqpointWebhookSecret',
    'startWaitSeconds',
    'logLevel',
  ],
  temporal: false,
} as const satisfies ProcessSchema;

/** `holdpoint replay`, of histories with encrypted values. */
export const replaySchema = {
  required: [],
  optional: ['payloadKeys'],
  temporal: true,
} as const satisfies ProcessSchema;

/** The stand-in for the model, a process of `holdpoint dev`. */
export const standInSchema = {
  required: ['openaiApiKey'],
  optional: ['logLevel'],
  temporal: false,
} as const satisfies ProcessSchema;

/** `holdpoint doctor --model`. */
export const modelProbeSchema = {
  required: ['openaiApiKey'],
  optional: ['openaiBaseUrl', 'configFile'],
  temporal: false,
} as const satisfies ProcessSchema;

/** `holdpoint dev`, which passes them on to its processes. */
export const devSchema = {
  required: [],
  optional: [
    'openaiApiKey',
    'openaiBaseUrl',
    'modelSilenceSeconds',
    'openaiWebhookSecret',
    'connectionKey',
    'cheqpointUrl',
    'cheqpointWebhookSecret',
    'publicUrl',
    'payloadKeys',
    'reviewCallbackHosts',
    ...identityProviderSettings,
    'configFile',
    'dataDir',
    'temporalCli',
  ],
  temporal: false,
} as const satisfies ProcessSchema;

/** The commands that speak to the gateway or the review server: `run`, `runs`, `approvals`, `keys`, `rules`, … */
export const commandSchema = {
  required: [],
  optional: ['gatewayUrl', 'apiKey', 'cheqpointUrl', 'reviewerName', 'reviewerPassword', 'reviewerToken', 'dataDir'],
  temporal: false,
} as const satisfies ProcessSchema;

/** `holdpoint deployment …`. */
export const deploymentSchema = {
  required: [],
  optional: ['taskQueue', 'deployment'],
  temporal: true,
} as const satisfies ProcessSchema;

/** `holdpoint doctor`, which checks them all. */
export const doctorSchema = {
  required: [],
  optional: Object.keys(settings) as SettingName[],
  temporal: true,
} as const satisfies ProcessSchema;
