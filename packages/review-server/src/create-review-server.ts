import type { OpenAPIHono } from '@hono/zod-openapi';
import { createReadiness, serveHttp, startRounds } from '@holdpoint/process';
import { pino, type Logger } from 'pino';
import { Registry } from 'prom-client';
import { createApp } from './app.ts';
import type { ProviderSignIn } from './api/provider-sign-in.ts';
import { startAuditLinking } from './audit-linking.ts';
import { createApprovalFeed } from './approval-feed.ts';
import { startDeliveryLoop, type DeliveryLoop } from './delivery/delivery-loop.ts';
import { checkWebhookSecret } from './delivery/standard-webhook.ts';
import { passkeySite } from './passkey-site.ts';
import { createCallGateway } from './gateway-keys.ts';
import { shortestRetentionMs } from './contract/removals.ts';
import { readBuiltInbox } from './inbox/built-inbox.ts';
import { countDecisions } from './metrics/count-decisions.ts';
import { createReviewMetrics } from './metrics/review-metrics.ts';
import { registerReviewGauges } from './metrics/review-gauges.ts';
import { checkProviderOptions } from './oidc/provider-options.ts';
import { createSeal } from './oidc/sealed.ts';
import type { ReviewServerOptions } from './options.ts';
import { seedConnectionKeys } from './store/connection-keys.ts';
import { openReviewDatabase } from './store/database.ts';
import { slackMessage } from './notify/slack-message.ts';
import { expireDue } from './store/decisions.ts';
import { takesDecisions } from './store/takes-decisions.ts';
import { releaseLeases } from './store/outbox.ts';
import { passwordCost } from './store/password.ts';
import type { ReviewStore } from './store/review-store.ts';
import { seedRules } from './store/rules.ts';
import { createFailedSignIns } from './store/failed-sign-ins.ts';
import { startRetention } from './retention-rounds.ts';
import { startStepLoop } from './step-loop.ts';
import { stepKinds } from './step-kinds.ts';
import { createSessions } from './store/sessions.ts';
import { createSignInLinks } from './store/sign-in-links.ts';
import { seedReviewers } from './store/users.ts';

/** A running review server. */
export type ReviewServer = {
  /** Its address, without a slash at the end. */
  url: string;
  app: OpenAPIHono;
  /** Answers held requests, stops, and closes the database. */
  close(): Promise<void>;
};

const sweepEveryMs = 5000;
/** A round of the sweep that takes longer is reported, and the next one begins without it. */
const longestSweepMs = 60_000;

/**
 * Starts a review server with Cheqpoint's API, the inbox and the delivery of decisions. Several may share one
 * PostgreSQL database. A SQLite file is for one server.
 *
 * @throws Error for an invalid option, a database that can't be opened, or a port in use.
 */
export async function createReviewServer(options: ReviewServerOptions): Promise<ReviewServer> {
  checkOptions(options);
  const { clock = () => new Date(), log = pino({ enabled: false }), host = '127.0.0.1' } = options;
  const database = await openReviewDatabase(
    options.databaseUrl,
    (error) => log.warn({ problem: error.message }, 'lost a database connection'),
    { longestMs: options.startWaitMs ?? 0, onProgress: (line) => log.warn(line) },
  );
  const feed = createApprovalFeed(database.kind === 'postgres' ? options.databaseUrl : undefined, log);
  const registry = options.metrics ?? new Registry();
  const metrics = createReviewMetrics(registry);
  const counted = countDecisions(() => store, metrics, log);
  let delivery: DeliveryLoop | undefined;
  let publicUrl = options.publicUrl?.replace(/\/+$/, '');
  const reviewUrl = (approvalId: string) => `${publicUrl}/approvals/${approvalId}`;
  const { notify } = options;
  const store: ReviewStore = {
    database,
    clock,
    passwordCost: options.passwordCost ?? passwordCost,
    notification:
      notify &&
      // A chat has more readers than a group has members.
      ((approval) =>
        slackMessage(approval, reviewUrl(approval.id), approval.addressed === 1 ? 'nothing' : notify.shows)),
    // No request comes before the address is known.
    passkeySite: () => passkeySite(publicUrl ?? 'http://127.0.0.1'),
    deliver: (leased) => delivery?.send(leased),
    onChange: (change) => {
      feed.publish(change);
      if (change.change === 'closed') {
        counted.decided(change.id);
        delivery?.decided(change.id);
      }
      if (change.change === 'created' || (change.change === 'closed' && change.sends !== true)) delivery?.wake();
    },
  };
  registerReviewGauges(registry, store, metrics, log);
  const closeStore = async () => {
    await feed.stop();
    await delivery?.stop();
    await database.close();
  };
  try {
    await seedConnectionKeys(store, options.connectionKeys);
    await seedReviewers(store, options.reviewers);
    await seedRules(store, options.rules ?? []);
    const { limits = {}, callbackHosts, webhookSecret, loginToken } = options;
    const links = createSignInLinks(store, options.sessionSecret);
    if (loginToken !== undefined) await links.register(loginToken);
    const inbox = readBuiltInbox(options.inboxFolder);
    if (inbox === undefined) log.warn('the inbox is not built: run npm run build:inbox');
    const app = await createApp(
      {
        inbox,
        store,
        metrics,
        registry,
        counted,
        readiness: createReadiness(
          [
            {
              name: 'The database',
              setting: 'HOLDPOINT_REVIEW_DATABASE_URL',
              ask: () => takesDecisions(store),
            },
          ],
          ({ name }, error) => log.warn({ err: error }, `not ready: ${name}`),
        ),
        feed,
        presets: options.presets ?? {},
        streams: options.streams ?? { perUser: 50, total: 2000 },
        callbackHosts,
        reviewUrl,
        sessions: createSessions(store, options.sessionSecret),
        failedSignIns: createFailedSignIns(store, log),
        gateway: options.gateway && { ...options.gateway, call: createCallGateway(options.gateway) },
        defaultLimits: {
          requestsPerHour: limits.requestsPerHour ?? null,
          requestsPerDay: limits.requestsPerDay ?? null,
          loopProtection: limits.loopProtection ?? null,
        },
        secureCookies: publicUrl?.startsWith('https:') ?? false,
        proxies: options.proxies ?? 0,
        passwordSignIn: options.passwordSignIn ?? true,
        providerSignIn: await providerSignIn(options, { clock, log }),
        loginToken:
          loginToken === undefined
            ? undefined
            : { token: loginToken, reviewer: options.reviewers[0]!.name, sessionSecret: options.sessionSecret, links },
      },
      log,
    );
    const server = await serveHttp({
      fetch: app.fetch,
      host,
      port: options.port,
      setting: 'HOLDPOINT_REVIEW_LISTEN',
      graceMs: 2000,
    });
    const { url } = server;
    publicUrl ??= url;
    await releaseLeases(store);
    delivery = startDeliveryLoop(
      store,
      { hosts: callbackHosts, webhookSecret, notificationUrl: notify?.url, onAttempt: metrics.attempted },
      log,
    );
    const sweep = startRounds({
      everyMs: sweepEveryMs,
      longestMs: longestSweepMs,
      round: () => expireDue(store),
      onFailure: (error) => log.error({ err: error }, 'expired approvals could not be closed'),
    });
    const linking = startAuditLinking(store, log);
    const retention = options.retention && startRetention(store, options.retention, log);
    const steps = startStepLoop(store, { kinds: stepKinds, feed }, log);
    if (database.searchProblem !== undefined)
      log.warn(
        { problem: database.searchProblem },
        'search in the inbox has no index and reads every approval, so it gets slower as they grow. As an administrator of PostgreSQL, run in this database: create extension pg_trgm; then restart',
      );
    log.info({ url, database: database.kind }, 'review server is up');
    return {
      url,
      app,
      close: async () => {
        const swept = sweep.stop();
        const closed = server.close();
        // Answers the held requests.
        await feed.stop();
        await closed;
        await swept;
        await steps.stop();
        await retention?.stop();
        await linking.stop();
        await closeStore();
      },
    };
  } catch (error) {
    await closeStore();
    throw error;
  }
}

async function providerSignIn(
  { identityProvider, publicUrl, sessionSecret }: ReviewServerOptions,
  { clock, log }: { clock: () => Date; log: Logger },
): Promise<ProviderSignIn | undefined> {
  if (identityProvider === undefined || publicUrl === undefined) return undefined;
  const address = new URL(publicUrl).href.replace(/\/+$/, '');
  const { createIdentityProvider } = await import('./oidc/identity-provider.ts');
  return {
    provider: createIdentityProvider(identityProvider, address),
    seal: createSeal(sessionSecret, clock),
    publicUrl: address,
    log,
  };
}

function checkOptions(options: ReviewServerOptions): void {
  const { sessionSecret, loginToken, reviewers, webhookSecret, identityProvider, passwordSignIn = true } = options;
  if (identityProvider !== undefined) checkProviderOptions(identityProvider, options.publicUrl);
  if (!passwordSignIn && identityProvider === undefined && loginToken === undefined)
    throw new Error(
      'Passwords are switched off and no identity provider is set, so nobody could sign in. Set HOLDPOINT_OIDC_ISSUER, or remove HOLDPOINT_PASSWORD_SIGN_IN.',
    );
  if (sessionSecret.length < 16) throw new Error('The session secret must have at least 16 characters.');
  if (loginToken !== undefined && loginToken.length < 22)
    throw new Error('The login token must have at least 22 characters: 128 random bits.');
  if (options.retention !== undefined && options.retention.keepMs < shortestRetentionMs)
    throw new Error('The retention must be a day at least.');
  if (webhookSecret !== undefined) checkWebhookSecret(webhookSecret);
  if (loginToken !== undefined && reviewers.length === 0)
    throw new Error('The login token needs a reviewer to sign in: configure at least one.');
}
