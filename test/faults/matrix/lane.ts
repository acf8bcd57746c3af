import { randomBytes, randomUUID } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client as TemporalClient, Connection } from '@temporalio/client';
import { sqliteUrl } from '@holdpoint/database/url';
import { createReviewerClient, signInReviewer, type ReviewerClient } from '@holdpoint/review-server/contract';
import type { MailService } from '../../../demo/mail-service.ts';
import { createClient, type Client } from '../../../src/client.ts';
import type { TemporalServer } from '../../../src/embedded/temporal-server.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { startOwnTemporal } from '../../support/temporal.ts';
import type { LaneKind, LinkName } from './cell.ts';
import { startLaneProcess, type LaneProcess } from './lane-process.ts';
import { StatementTexts } from './statement-texts.ts';

/** The processes of the product with a proxy on each of their connections. It plays one cell after the other. */
export type Lane = {
  kind: LaneKind;
  /** Logs of its processes. */
  folder: string;
  worker: LaneProcess;
  gateway: LaneProcess;
  reviewServer: LaneProcess;
  links: { [Name in LinkName]?: TcpProxy };
  /** Of the links to databases. */
  statements: StatementTexts;
  /** Through the proxy, as a user's program. */
  client: Client;
  /** Through the proxy, as a reviewer. */
  reviewer: ReviewerClient;
  /** Not through a proxy: reads the end of runs. */
  temporal: TemporalClient;
  databases: { worker: LaneDatabase; reviewServer: LaneDatabase } | undefined;
  ownTemporal: { server: () => TemporalServer; restart: () => Promise<void> } | undefined;
  ownPostgres: TestPostgres | undefined;
  /** Fills the disk of the databases, and frees it again. */
  disk: { fill(): void; free(): void } | undefined;
  stop(): Promise<void>;
};

export type LaneDatabase = { url: string; name: string; role: string; execute: (sql: string) => Promise<void> };

/** The servers that lanes share. */
export type SharedServers = {
  temporal: TemporalServer;
  postgres: TestPostgres;
  effects: MailService;
  /** Address of the model, with /v1. */
  modelUrl: string;
  environment: Readonly<Record<string, string>>;
};

const reviewerName = 'rita';
/** PostgreSQL needs 60 MB for an empty server and its log. */
const diskSizes = { sqlite: '24m', own: '192m' };
/** Short limits, so that silent connections end soon. */
const databaseLimits = '?statement_timeout=3000&query_timeout=4000';

export async function startLane(kind: LaneKind, folder: string, shared: SharedServers): Promise<Lane> {
  mkdirSync(folder, { recursive: true });
  const endings: Array<() => Promise<unknown> | void> = [];
  const stop = async () => {
    for (const ending of endings.splice(0).toReversed()) await ending();
  };
  try {
    return await open();
  } catch (error) {
    await stop();
    throw error;
  }

  async function open(): Promise<Lane> {
    const links: Lane['links'] = {};
    const statements = new StatementTexts();
    const proxy = async (name: LinkName, url: string) => {
      const started = await startTcpProxy(url);
      endings.push(() => started.close());
      if (name.endsWith('database')) started.onRequest((bytes) => statements.note(bytes));
      links[name] = started;
      return started;
    };
    const temporalServer = kind === 'own' ? await startTemporalOnDisk() : undefined;
    const address = () => (temporalServer?.server() ?? shared.temporal).address;
    const disk = kind === 'shared' ? undefined : mountDisk(diskSizes[kind]);
    const ownPostgres = kind === 'own' ? await startPostgres({ parent: disk?.folder }) : undefined;
    if (ownPostgres) endings.push(() => ownPostgres.stop());
    const postgres = ownPostgres ?? shared.postgres;
    const databases =
      kind === 'sqlite'
        ? undefined
        : { worker: await createDatabase(postgres), reviewServer: await createDatabase(postgres) };
    const databaseUrl = async (link: LinkName, database: LaneDatabase | undefined, file: string) =>
      database === undefined
        ? sqliteUrl(join(disk?.folder ?? folder, `${file}.db`))
        : `${(await proxy(link, database.url)).url}${databaseLimits}`;

    const temporalLinks = [
      await proxy('gateway → Temporal', `http://${address()}`),
      await proxy('worker → Temporal', `http://${address()}`),
    ];
    const model = await proxy('worker → model', shared.modelUrl);
    const effects = await proxy('worker → effect service', shared.effects.url);
    // Their targets have no address yet.
    const nowhere = 'http://127.0.0.1:9';
    const fromWorker = await proxy('worker → review server', nowhere);
    const fromReviewer = await proxy('reviewer → review server', nowhere);
    const fromClient = await proxy('client → gateway', nowhere);
    const callbacks = await proxy('review server → gateway', nowhere);

    const taskQueue = `faults-${randomUUID()}`;
    const [secret, connectionKey, password] = [0, 0, 0].map(() => randomBytes(24).toString('hex')) as [
      string,
      string,
      string,
    ];
    const trimmed = (url: string) => url.replace(/\/$/, '');
    const environmentOf = (link: LinkName) => ({
      ...shared.environment,
      TEMPORAL_ADDRESS: new URL(links[link]?.url ?? '').host,
      // Ignore the user's Temporal config file.
      TEMPORAL_CONFIG_FILE: join(folder, 'no-temporal.toml'),
      HOLDPOINT_TASK_QUEUE: taskQueue,
      HOLDPOINT_SECRET: secret,
      CHEQPOINT_BASE_URL: trimmed(fromWorker.url),
      CHEQPOINT_CONNECTION_KEY: connectionKey,
    });
    const start = async (options: Omit<Parameters<typeof startLaneProcess>[0], 'folder'>) => {
      const started = await startLaneProcess({ ...options, folder });
      endings.push(() => started.stop());
      return started;
    };
    const reviewServer = await start({
      name: 'review-server',
      environment: {
        ...shared.environment,
        HOLDPOINT_REVIEW_LISTEN: '127.0.0.1:0',
        HOLDPOINT_REVIEW_DATABASE_URL: await databaseUrl('review server → database', databases?.reviewServer, 'review'),
        HOLDPOINT_REVIEW_CONNECTION_KEYS: `matrix=${connectionKey}`,
        HOLDPOINT_REVIEW_SESSION_SECRET: secret,
        HOLDPOINT_REVIEW_CALLBACK_HOSTS: 'any',
        HOLDPOINT_REVIEWER_NAME: reviewerName,
        HOLDPOINT_REVIEWER_PASSWORD: password,
      },
      onReady: (url) => [fromWorker, fromReviewer].forEach((link) => link.aim(url)),
    });
    const workerDatabase = await databaseUrl('worker → database', databases?.worker, 'holdpoint');
    const gatewayDatabase = databases?.worker.url ?? workerDatabase;
    const gateway = await start({
      name: 'gateway',
      environment: {
        ...environmentOf('gateway → Temporal'),
        HOLDPOINT_API_KEY: secret,
        // For local requests. Not through the proxy, whose connections are the worker's.
        HOLDPOINT_DATABASE_URL: gatewayDatabase,
        HOLDPOINT_GATEWAY_LISTEN: '127.0.0.1:0',
      },
      onReady: (url) => [fromClient, callbacks].forEach((link) => link.aim(url)),
    });
    const worker = await start({
      name: 'worker',
      environment: {
        ...environmentOf('worker → Temporal'),
        HOLDPOINT_DATABASE_URL: workerDatabase,
        HOLDPOINT_CONFIG: fileURLToPath(new URL('./matrix.config.ts', import.meta.url)),
        HOLDPOINT_PUBLIC_URL: trimmed(callbacks.url),
        HOLDPOINT_MODEL_SILENCE_SECONDS: '4',
        OPENAI_API_KEY: 'sk-faults',
        OPENAI_BASE_URL: model.url,
        FAULTS_EFFECTS_URL: trimmed(effects.url),
      },
      onReady: () => undefined,
    });
    const connection = Connection.lazy({ address: address() });
    endings.push(() => connection.close());
    const reviewUrl = trimmed(fromReviewer.url);
    const { token } = await signInReviewer(reviewUrl, reviewerName, password);
    return {
      kind,
      folder,
      worker,
      gateway,
      reviewServer,
      links,
      statements,
      client: createClient({ url: trimmed(fromClient.url), apiKey: secret, timeoutMs: 8000 }),
      reviewer: createReviewerClient({ url: reviewUrl, token, silenceMs: 6000 }),
      temporal: new TemporalClient({ connection, namespace: 'default' }),
      databases,
      ownTemporal: temporalServer && {
        server: temporalServer.server,
        async restart() {
          await temporalServer.restart();
          temporalLinks.forEach((link) => link.aim(`http://${address()}`));
        },
      },
      ownPostgres,
      disk,
      stop,
    };
  }

  /** State on disk and always the same port, so that clients find it again after SIGKILL. */
  async function startTemporalOnDisk() {
    const dbFilename = join(folder, 'temporal.db');
    let server = await startOwnTemporal({ dbFilename });
    const port = Number(new URL(`http://${server.address}`).port);
    endings.push(() => server.stop());
    return {
      server: () => server,
      async restart() {
        server = await startOwnTemporal({ dbFilename, port });
      },
    };
  }

  /** A small disk for the databases. Only root can mount one. */
  function mountDisk(size: string) {
    if (process.getuid?.() !== 0) return undefined;
    // Not in `folder`, which PostgreSQL's account may not read.
    const disk = mkdtempSync(join(tmpdir(), 'holdpoint-disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'holdpoint-faults', disk]);
    endings.push(() => {
      execFileSync('umount', ['--lazy', disk]);
      rmdirSync(disk);
    });
    const filler = join(disk, 'filler');
    return {
      folder: disk,
      /** Takes all that is left, in smaller and smaller pieces. */
      fill() {
        for (let size = 2 ** 20; size >= 4096; size /= 2) while (wrote(filler, size));
      },
      free: () => rmSync(filler, { force: true }),
    };
  }
}

function wrote(file: string, size: number): boolean {
  try {
    writeFileSync(file, Buffer.alloc(size), { flag: 'a' });
    return true;
  } catch {
    return false;
  }
}

async function createDatabase(postgres: TestPostgres): Promise<LaneDatabase> {
  const role = `lane_${randomBytes(6).toString('hex')}`;
  const url = await postgres.createDatabase({ owner: role });
  return { url, role, name: new URL(url).pathname.slice(1), execute: (sql) => postgres.execute(sql) };
}
