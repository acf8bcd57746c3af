import type { SettingName } from './settings.ts';

/** Variables that Temporal's own packages read. */
type TemporalVariable = `TEMPORAL_${string}`;

/** Settings that one text explains. */
export type ExplainedSettings = {
  names: ReadonlyArray<SettingName | TemporalVariable>;
  /** Markdown of one paragraph. A default that the schema has is not repeated here. */
  text: string;
};

/** What each setting is for, in the order of .env.example and docs/configuration.md, which are made from it. */
export const explainedSettings: ReadonlyArray<{ title: string; settings: readonly ExplainedSettings[] }> = [
  {
    title: 'OpenAI, or any server that speaks its API',
    settings: [
      {
        names: ['openaiApiKey'],
        text: 'Your API key. `dev` uses a stand-in for the model when this and OPENAI_BASE_URL are empty.',
      },
      {
        names: ['openaiBaseUrl'],
        text: "Base URL of another server, with its /v1. Default: OpenAI's.",
      },
      {
        names: ['modelSilenceSeconds'],
        text: 'Longest silence in seconds of a streamed answer, before its first event and between two, and of a call of the Assistants API. Then it is asked again.',
      },
      {
        names: ['openaiWebhookSecret'],
        text: "Secret of OpenAI's webhooks (whsec_…), which wake runs that wait for a background response: docs/operating.md. Optional.",
      },
    ],
  },
  {
    title: 'Cheqpoint, where people decide',
    settings: [
      {
        names: ['connectionKey'],
        text: 'Connection Key of hosted Cheqpoint or of your own review server. `dev` starts a local review server when it is empty. The gateway reads the requests that it shows with it.',
      },
      {
        names: ['assistantKeys'],
        text: 'Keys of the assistants whose config has a connectionKey of their own: comms=key1,billing=key2.',
      },
      {
        names: ['cheqpointUrl'],
        text: 'Address of the review server. Default: hosted Cheqpoint, https://app.cheqpoint.co; for commands, the review server of `dev` on this machine.',
      },
      {
        names: ['cheqpointWebhookSecret'],
        text: 'The review server signs callbacks with it, the gateway checks them. Optional: every decision is read from the review server in any case.',
      },
    ],
  },
  {
    title: "Temporal's own names; its config file works too",
    settings: [
      {
        names: ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE'],
        text: 'Default: localhost:7233 and the namespace "default". `dev --temporal ADDRESS` passes them on.',
      },
      {
        names: ['TEMPORAL_API_KEY'],
        text: "For Temporal Cloud. Temporal's documentation explains TEMPORAL_TLS_* and TEMPORAL_PROFILE.",
      },
    ],
  },
  {
    title: 'The worker and the gateway',
    settings: [
      {
        names: ['signingSecrets'],
        text: 'Signs review requests and callback URLs. At least 32 characters: openssl rand -hex 32. To rotate it, write the new value before the old one, with a comma: the first one signs, both verify.',
      },
      {
        names: ['payloadKeys'],
        text: 'Encrypts what Temporal stores of the runs: k1:KEY, where KEY is 32 bytes as Base64: openssl rand -base64 32. Several keys with commas: the first encrypts, all decrypt; docs/encryption.md. `holdpoint replay` decrypts histories with it. Default: values are stored in clear.',
      },
      {
        names: ['databaseUrl'],
        text: 'Transcripts and the effect ledger: postgres://user:password@host/database, or sqlite:///path/to/holdpoint.db on one machine.',
      },
      {
        names: ['publicUrl'],
        text: "The gateway's address as Cheqpoint reaches it, for callbacks. Without it, decisions are polled every 5 seconds.",
      },
      {
        names: ['configFile'],
        text: 'Path of your config.',
      },
      {
        names: ['taskQueue'],
        text: 'Temporal Task Queue. Default: the worker takes the config\'s, else "holdpoint". The gateway reads no config, so set it here when the config names one.',
      },
      {
        names: ['buildId'],
        text: 'Names the build of the worker in Temporal, such as a commit: docs/deployments.md. Default: none, and any worker of the Task Queue goes on with a run.',
      },
      {
        names: ['deployment'],
        text: 'Name of the Worker Deployment that the builds belong to. Default: holdpoint.',
      },
      {
        names: ['versioning'],
        text: 'How a waiting run meets a new build. auto-upgrade: it goes on with it at its next decision. pinned: it stays with the build that began it. Needs HOLDPOINT_BUILD_ID.',
      },
      {
        names: ['toolSlots'],
        text: 'Tools at a time in this worker, in slots of their own, so that a decided call does not wait for turns of the model: docs/temporal.md. Set it at all workers of a Task Queue. Default: tools share the slots of HOLDPOINT_ACTIVITY_SLOTS.',
      },
      {
        names: ['activitySlots'],
        text: 'Turns and requests at a time in this worker, and tools without HOLDPOINT_TOOL_SLOTS. Default: 100.',
      },
      {
        names: ['workerListen'],
        text: 'Address for /healthz, /readyz and /metrics of the worker, e.g. 0.0.0.0:7344. Default: none.',
      },
      {
        names: ['metricsListen'],
        text: "Address for the metrics of Temporal's SDK in the worker, e.g. 0.0.0.0:9464. Default: no metrics.",
      },
      {
        names: ['traceContent'],
        text: '"on": spans of tools have their arguments and results. Default: off.',
      },
      {
        names: ['apiKey'],
        text: 'API key of the gateway: callers send "Authorization: Bearer …". At least 16 characters.',
      },
      {
        names: ['retention'],
        text: 'How long closed runs are kept in Temporal and in the database, such as 90d, a day at least: docs/retention.md. Default: they are kept until `holdpoint purge`.',
      },
      {
        names: ['gatewayListen'],
        text: 'Address at which the gateway listens. In a container: 0.0.0.0:7341.',
      },
      {
        names: ['inboxUrl'],
        text: 'Address of the inbox, whose pages about runs may call the gateway from a browser: docs/runs.md. Default: no page may.',
      },
      {
        names: ['gatewayUrl'],
        text: 'Address of the gateway. Default: the gateway of `dev` on this machine.',
      },
      {
        names: ['temporalUiUrl'],
        text: "Temporal's web UI as browsers reach it. The worker puts a link into each request. The gateway lets this UI ask for decrypted values: docs/encryption.md. Default: neither.",
      },
    ],
  },
  {
    title: 'The review server',
    settings: [
      {
        names: ['reviewDatabaseUrl'],
        text: 'postgres://user:password@host/database, or sqlite:///path/to/review.db on one machine.',
      },
      {
        names: ['reviewListen'],
        text: 'Address at which the review server listens. In a container: 0.0.0.0:7342.',
      },
      {
        names: ['reviewPublicUrl'],
        text: "Its address as reviewers' browsers reach it, for links. With https://, cookies are sent over TLS only. Without it, browsers sign in only at an address of this machine. Default: where it listens.",
      },
      {
        names: ['reviewConnectionKeys'],
        text: 'First Connection Keys, one for each assistant: comms=key1,billing=key2. Prefer `holdpoint keys create`, which shows a key once and stores its hash only.',
      },
      {
        names: ['reviewRequestsPerHour', 'reviewRequestsPerDay'],
        text: 'Requests per hour and per day, for assistants without their own limits. Default: unlimited.',
      },
      {
        names: ['reviewLoopProtection'],
        text: 'Loop protection: 5/60s rejects the sixth identical request within 60 seconds. Default: none.',
      },
      {
        names: ['reviewSessionSecret'],
        text: "Signs reviewers' sessions. At least 16 characters. A new value signs everyone out.",
      },
      {
        names: ['reviewCallbackHosts'],
        text: 'Where callbacks may go: public (default: no private addresses), any, or hosts separated by commas, e.g. gateway:7341. `holdpoint dev` allows this machine by default, and always its gateway.',
      },
      {
        names: ['reviewLoginToken'],
        text: 'Signs the first reviewer in, once, by /login?token=…, within 24 hours of the first start with it. At least 22 characters. Default: passwords only.',
      },
      {
        names: ['reviewNotifyUrl'],
        text: "Incoming webhook for messages about new requests, in Slack's format (Slack, Mattermost and others). Default: no messages.",
      },
      {
        names: ['reviewNotifyShows'],
        text: 'What a message shows beside requester, action, risk and link: nothing, summary, or arguments.',
      },
      {
        names: ['reviewGatewayUrl', 'reviewGatewayKey'],
        text: 'The gateway whose API keys administrators manage in the inbox, and whose runs it shows, and a key of it with the permission admin. Both or neither.',
      },
      {
        names: ['reviewGatewayPublicUrl'],
        text: 'Address of that gateway as browsers reach it, for the pages about runs. Default: HOLDPOINT_REVIEW_GATEWAY_URL.',
      },
      {
        names: ['reviewPresets'],
        text: 'A JSON file with quick notes for note fields, by language: docs/inbox.md. Default: English and German ones.',
      },
      {
        names: ['reviewRetention'],
        text: 'How long decided approvals are kept, such as 90d, a day at least: docs/retention.md. Default: they are kept until `holdpoint purge`.',
      },
      {
        names: ['reviewProxies'],
        text: 'The number of your own proxies in front of the server: as many entries of X-Forwarded-For are trusted, to slow down password guessing by address.',
      },
      {
        names: ['oidcIssuer'],
        text: 'Sign-in with an OpenID Connect provider: docs/sign-in.md. The issuer, exactly as the provider writes it. Needs the two settings below, HOLDPOINT_OIDC_ROLES and HOLDPOINT_REVIEW_PUBLIC_URL. Default: passwords only.',
      },
      {
        names: ['oidcClientId', 'oidcClientSecret'],
        text: 'Of the application that you made at the provider.',
      },
      {
        names: ['oidcRoles'],
        text: 'Roles by group: finance=reviewer,platform=admin,audit=auditor. Other groups have no role, and sign nobody in.',
      },
      {
        names: ['oidcGroupsClaim'],
        text: 'The claim with the groups. Default: groups. A point leads into an object: realm_access.roles.',
      },
      {
        names: ['oidcScopes'],
        text: 'Separated by spaces. Default: openid profile email.',
      },
      {
        names: ['oidcName'],
        text: 'Name of the provider on the button "Sign in with …". Default: the issuer\'s host.',
      },
      {
        names: ['passwordSignIn'],
        text: "off: no password signs anyone in, the first user's included.",
      },
      {
        names: ['reviewerName', 'reviewerPassword'],
        text: 'Review server: the first user, a reviewer and administrator, created at the start. A new password here replaces the old one. Commands: the user who signs in. A new password has at least 12 characters.',
      },
      {
        names: ['reviewerToken'],
        text: 'A session token, in place of name and password, for programs that sign in themselves. Valid as long as the session.',
      },
    ],
  },
  {
    title: 'This machine',
    settings: [
      {
        names: ['dataDir'],
        text: 'State and generated keys of `dev`. Default: .holdpoint beside your package.json.',
      },
      {
        names: ['temporalCli'],
        text: 'Path of the `temporal` program. Default: found on PATH, else downloaded.',
      },
      {
        names: ['startWaitSeconds'],
        text: 'How long a process waits at its start for Temporal and for its database when they are away, in seconds, each. 0: one attempt.',
      },
      {
        names: ['logLevel'],
        text: 'trace, debug, info, warn, error or silent.',
      },
    ],
  },
];
