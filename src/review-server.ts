import { processLog, runProcess } from '@holdpoint/process';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { ConfigError } from './config/config-error.ts';
import { processEnvironment } from './config/environment.ts';
import { identityProviderOf } from './config/identity-provider.ts';
import { reviewServerSchema } from './config/process-schemas.ts';
import { readPresetsFile } from './config/presets-file.ts';
import { readConfig } from './config/read-config.ts';
import { createReviewServer } from '@holdpoint/review-server';

/** The review server as a process. */
await runProcess('review server', async () => {
  const config = readConfig(processEnvironment(), reviewServerSchema);
  const provider = identityProviderOf(config);
  const { reviewGatewayUrl, reviewGatewayKey } = config;
  if ((reviewGatewayUrl === undefined) !== (reviewGatewayKey === undefined))
    throw new ConfigError([
      'HOLDPOINT_REVIEW_GATEWAY_URL and HOLDPOINT_REVIEW_GATEWAY_KEY belong together: set both, or neither.',
    ]);
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  const server = await createReviewServer({
    metrics,
    databaseUrl: config.reviewDatabaseUrl.reveal(),
    connectionKeys: config.reviewConnectionKeys?.reveal() ?? [],
    limits: {
      requestsPerHour: config.reviewRequestsPerHour,
      requestsPerDay: config.reviewRequestsPerDay,
      loopProtection: config.reviewLoopProtection,
    },
    reviewers: [
      { name: config.reviewerName, password: config.reviewerPassword.reveal(), roles: ['reviewer', 'admin'] },
    ],
    startWaitMs: config.startWaitSeconds * 1000,
    sessionSecret: config.reviewSessionSecret.reveal(),
    ...config.reviewListen,
    callbackHosts: config.reviewCallbackHosts ?? 'public',
    proxies: config.reviewProxies,
    passwordSignIn: config.passwordSignIn === 'on',
    ...(provider === undefined ? {} : { identityProvider: provider }),
    log: processLog(config.logLevel),
    ...(reviewGatewayUrl === undefined || reviewGatewayKey === undefined
      ? {}
      : {
          gateway: {
            url: reviewGatewayUrl,
            key: reviewGatewayKey.reveal(),
            ...(config.reviewGatewayPublicUrl === undefined ? {} : { publicUrl: config.reviewGatewayPublicUrl }),
          },
        }),
    ...(config.reviewRetention === undefined ? {} : { retention: { keepMs: config.reviewRetention } }),
    ...(config.reviewPresets === undefined ? {} : { presets: readPresetsFile(config.reviewPresets) }),
    ...(config.reviewPublicUrl === undefined ? {} : { publicUrl: config.reviewPublicUrl }),
    ...(config.cheqpointWebhookSecret === undefined ? {} : { webhookSecret: config.cheqpointWebhookSecret.reveal() }),
    ...(config.reviewNotifyUrl === undefined
      ? {}
      : { notify: { url: config.reviewNotifyUrl.reveal(), shows: config.reviewNotifyShows } }),
    ...(config.reviewLoginToken === undefined ? {} : { loginToken: config.reviewLoginToken.reveal() }),
  });
  return { ready: { url: server.url }, stop: () => server.close() };
});
