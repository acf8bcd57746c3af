import { join, resolve } from 'node:path';
import { sqliteUrl } from '@holdpoint/database/url';
import { environmentWithoutOurs } from '../config/environment.ts';
import { writePayloadKeys } from '../schemas/payload-keys.ts';
import { localUiToken } from '../signing/codec-session.ts';
import type { DevKeys } from './dev-keys.ts';
import { devReviewer, type DevStackOptions } from './dev-options.ts';
import type { DevPorts } from './dev-ports.ts';

type Variables = Record<string, string>;

/**
 * The whole environment of each process of the stack. Holdpoint's variables come from the plan, never from the shell.
 */
export type DevEnvironments = { reviewServer: Variables; standIn: Variables; gateway: Variables; worker: Variables };

/** The facts for the environments. */
export type DevPlan = {
  options: DevStackOptions;
  dataDir: string;
  ports: DevPorts;
  keys: DevKeys;
  loginToken: string;
  temporal: { address: string; uiUrl: string | null };
};

/** Addresses of the local servers. */
export const gatewayUrl = (ports: DevPorts) => `http://127.0.0.1:${ports.gateway}`;
export const reviewServerUrl = (ports: DevPorts) => `http://127.0.0.1:${ports.reviewServer}`;
/** The inbox, for browsers: passkeys need a host name. It listens at `reviewServerUrl`. */
export const inboxUrl = (ports: DevPorts) => `http://localhost:${ports.reviewServer}`;
export const standInUrl = (ports: DevPorts) => `http://127.0.0.1:${ports.standIn}/v1`;

/** Where Temporal's UI of this machine decrypts. It can send neither key nor cookie, so the address is the permission. */
export const localCodecUrl = (ports: DevPorts, secret: string) =>
  `${gatewayUrl(ports)}/codec/local/${localUiToken(secret)}`;

/** The servers of the stack are up. A wrong --temporal is reported soon. */
const shortWait: Variables = { HOLDPOINT_START_WAIT_SECONDS: '10' };

/** The names of this machine: each allows all of its ports. */
const thisMachine = ['127.0.0.1', 'localhost', '[::1]'];

function callbackHosts({ callbackHosts: chosen = thisMachine }: DevStackOptions, ports: DevPorts): string {
  return chosen === 'any' ? 'any' : [new URL(gatewayUrl(ports)).host, ...chosen].join(',');
}

export function devEnvironments({ options, dataDir, ports, keys, loginToken, temporal }: DevPlan): DevEnvironments {
  const user = environmentWithoutOurs(options.environment);
  const database = (name: string) => sqliteUrl(join(dataDir, `${name}.db`));
  // The file does not exist: a Temporal profile of the user must not lead a local stack to another server.
  const embedded: Variables = {
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_CONFIG_FILE: join(dataDir, 'no-temporal.toml'),
  };
  const shared: Variables = {
    ...(options.temporal === undefined
      ? embedded
      : { ...options.temporal.environment, TEMPORAL_ADDRESS: options.temporal.address }),
    HOLDPOINT_DATABASE_URL: database('holdpoint'),
    HOLDPOINT_SECRET: keys.secret,
    ...(options.encryption === undefined ? {} : { HOLDPOINT_PAYLOAD_KEYS: writePayloadKeys(options.encryption) }),
    ...shortWait,
  };
  const cheqpoint: Variables =
    options.cheqpoint === undefined
      ? {
          CHEQPOINT_CONNECTION_KEY: keys.connectionKey,
          CHEQPOINT_BASE_URL: reviewServerUrl(ports),
          HOLDPOINT_PUBLIC_URL: gatewayUrl(ports),
        }
      : {
          CHEQPOINT_CONNECTION_KEY: options.cheqpoint.connectionKey,
          CHEQPOINT_BASE_URL: options.cheqpoint.baseUrl,
          ...(options.cheqpoint.publicUrl === undefined
            ? {}
            : {
                HOLDPOINT_PUBLIC_URL:
                  options.cheqpoint.publicUrl === 'gateway' ? gatewayUrl(ports) : options.cheqpoint.publicUrl,
              }),
        };
  const openai: Variables =
    options.openai === undefined
      ? { OPENAI_API_KEY: keys.apiKey, OPENAI_BASE_URL: standInUrl(ports) }
      : {
          OPENAI_API_KEY: options.openai.apiKey,
          ...(options.openai.baseURL === undefined ? {} : { OPENAI_BASE_URL: options.openai.baseURL }),
        };
  return {
    reviewServer: {
      ...user,
      ...shortWait,
      HOLDPOINT_REVIEW_DATABASE_URL: database('review'),
      HOLDPOINT_REVIEW_LISTEN: `127.0.0.1:${ports.reviewServer}`,
      HOLDPOINT_REVIEW_PUBLIC_URL: inboxUrl(ports),
      HOLDPOINT_REVIEW_CONNECTION_KEYS: `dev=${keys.connectionKey}`,
      HOLDPOINT_REVIEW_SESSION_SECRET: keys.sessionSecret,
      HOLDPOINT_REVIEW_CALLBACK_HOSTS: callbackHosts(options, ports),
      HOLDPOINT_REVIEW_LOGIN_TOKEN: loginToken,
      ...options.identityProvider,
      HOLDPOINT_REVIEW_GATEWAY_URL: gatewayUrl(ports),
      HOLDPOINT_REVIEW_GATEWAY_KEY: keys.apiKey,
      HOLDPOINT_REVIEWER_NAME: devReviewer,
      HOLDPOINT_REVIEWER_PASSWORD: keys.reviewerPassword,
    },
    standIn: { ...user, OPENAI_API_KEY: keys.apiKey },
    gateway: {
      ...user,
      ...shared,
      CHEQPOINT_CONNECTION_KEY: cheqpoint['CHEQPOINT_CONNECTION_KEY']!,
      CHEQPOINT_BASE_URL: cheqpoint['CHEQPOINT_BASE_URL']!,
      HOLDPOINT_API_KEY: keys.apiKey,
      HOLDPOINT_INBOX_URL: inboxUrl(ports),
      HOLDPOINT_GATEWAY_LISTEN: `127.0.0.1:${ports.gateway}`,
      ...(temporal.uiUrl === null ? {} : { HOLDPOINT_TEMPORAL_UI_URL: temporal.uiUrl }),
      ...(options.openai?.webhookSecret === undefined ? {} : { OPENAI_WEBHOOK_SECRET: options.openai.webhookSecret }),
      ...(options.cheqpoint?.webhookSecret === undefined
        ? {}
        : { CHEQPOINT_WEBHOOK_SECRET: options.cheqpoint.webhookSecret }),
    },
    worker: {
      ...user,
      ...shared,
      ...cheqpoint,
      ...openai,
      HOLDPOINT_CONFIG: resolve(options.configFile),
      ...(options.modelSilenceSeconds === undefined
        ? {}
        : { HOLDPOINT_MODEL_SILENCE_SECONDS: String(options.modelSilenceSeconds) }),
      ...(temporal.uiUrl === null ? {} : { HOLDPOINT_TEMPORAL_UI_URL: temporal.uiUrl }),
    },
  };
}
