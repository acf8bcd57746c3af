import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Readiness } from '@holdpoint/process';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { postgresIsInstalled, sharedPostgres, type SharedPostgres } from '../../../test/support/postgres.ts';
import { startTcpProxy, type TcpProxy } from '../../../test/support/tcp-proxy.ts';
import { startCallbackReceiver } from './callback-receiver.ts';
import { eventually } from './eventually.ts';
import { callsTo, optionsFor, startTestServer, type TestServer } from './test-server.ts';

const program = fileURLToPath(new URL('server-process.ts', import.meta.url));

describe.skipIf(!postgresIsInstalled)('review server, PostgreSQL', () => {
  let postgres: SharedPostgres;
  beforeAll(async () => void (postgres = (await sharedPostgres())!));
  afterAll(() => postgres.stop());
  const ends: (() => Promise<unknown>)[] = [];
  const proxies: TcpProxy[] = [];
  afterEach(async () => {
    // Else a call without a limit waits on its lost connection, and its server for the call.
    for (const proxy of proxies.splice(0)) proxy.resetConnections();
    for (const end of ends.splice(0).toReversed()) await end();
  });
  const proxyTo = async (databaseUrl: string) => {
    const proxy = await startTcpProxy(databaseUrl);
    proxies.push(proxy);
    ends.push(() => proxy.close());
    return proxy;
  };
  const serverOn = async (databaseUrl: string) => {
    const server = await startTestServer(databaseUrl);
    ends.push(() => server.close());
    return server;
  };

  /** A server in its own process, behind a proxy. */
  const startOther = async (proxy: TcpProxy) => {
    const child = spawn(process.execPath, [program, JSON.stringify(optionsFor(proxy.url))], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    ends.push(async () => {
      child.kill('SIGKILL');
      await exited;
    });
    const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    return { child, server: callsTo({ url } as TestServer) };
  };
  const decidesAndStopsInside = async (
    { server }: Awaited<ReturnType<typeof startOther>>,
    proxy: TcpProxy,
    id: string,
    stop: () => void,
  ) => {
    await server.bearer();
    const stopped = new Promise<void>((resolve) => {
      let isRecorded = false;
      proxy.onRequest((bytes) => {
        isRecorded ||= bytes.includes('insert into "audit_pending"');
      });
      proxy.onReply(() => {
        // The approval is locked, and its decision is recorded.
        if (isRecorded) {
          stop();
          resolve();
        }
        return true;
      });
    });
    server.decide(id, { decision: 'approve' }).catch(() => undefined);
    await stopped;
  };
  const decideAll = async (server: TestServer, ids: readonly string[]) => {
    const headers = await server.bearer('ben');
    const reads: number[] = [];
    const deciding = new AbortController();
    const reading = (async () => {
      while (!deciding.signal.aborted) {
        const answers = await Promise.all([
          server.get('/reviewer-api/approvals?box=needs-you', headers),
          server.get('/reviewer-api/counts', headers),
          server.get(`/reviewer-api/approvals/${ids[0]}`, headers),
        ]);
        reads.push(...answers.map(({ status }) => status));
      }
    })();
    const decided = await Promise.all(ids.map((id) => server.decide(id, { decision: 'approve' }, 'ben')));
    deciding.abort();
    await reading;
    return { decided: decided.map(({ status }) => status), reads };
  };

  it('other server frozen inside a decision → ready here, every read answers, 12 decisions at once, the 13th after 5 s', async () => {
    const databaseUrl = await postgres.createDatabase();
    const proxy = await proxyTo(databaseUrl);
    const [here, other] = [await serverOn(databaseUrl), await startOther(proxy)];
    const ids = await Promise.all(Array.from({ length: 13 }, async () => (await here.ask()).body.id));
    await here.bearer('ben');
    await decidesAndStopsInside(other, proxy, ids[12]!, () => other.child.kill('SIGSTOP'));
    const [ready, { decided, reads }] = await Promise.all([
      here.get<Readiness>('/readyz', {}),
      decideAll(here, ids.slice(0, 12)),
    ]);
    expect(ready.status).toBe(200);
    expect(decided).toEqual(Array.from({ length: 12 }, () => 200));
    expect(new Set(reads)).toEqual(new Set([200]));
    expect((await here.decide(ids[12]!, { decision: 'approve' }, 'ben')).status).toBe(200);
  }, 60_000);

  it('host lost inside a decision → its replacement decides, that request too', async () => {
    const databaseUrl = await postgres.createDatabase();
    const proxy = await proxyTo(databaseUrl);
    const other = await startOther(proxy);
    const ids = await Promise.all(Array.from({ length: 13 }, async () => (await other.server.ask()).body.id));
    await decidesAndStopsInside(other, proxy, ids[12]!, () => {
      proxy.blackHole();
      other.child.kill('SIGKILL');
    });
    const replacement = await serverOn(databaseUrl);
    const { decided } = await decideAll(replacement, ids);
    expect(decided).toEqual(Array.from({ length: 13 }, () => 200));
  }, 60_000);

  it('half-open connections → sign-in, reads and deliveries fail within query_timeout, then work', async () => {
    const receiver = await startCallbackReceiver();
    ends.push(() => receiver.stop());
    const databaseUrl = await postgres.createDatabase();
    const proxy = await proxyTo(databaseUrl);
    const [server, direct] = [await serverOn(`${proxy.url}?query_timeout=2000`), await serverOn(databaseUrl)];
    await server.bearer();
    // The other server would deliver too.
    await direct.close();
    ends.pop();
    const { id } = (await server.ask({ callbackUrl: `${receiver.url}/hook` })).body;
    proxy.loseConnections();
    const signIn = () =>
      server
        .post('/reviewer-api/session', { name: 'ana', password: 'ana knows this' }, {})
        .then(({ status }) => status);
    const statuses = [await signIn(), await signIn()];
    expect(statuses[1]).toBe(200);
    const decided = await eventually('a decision', async () => {
      const { status } = await server.decide(id, { decision: 'approve' });
      return status < 500 && status;
    });
    expect([200, 409]).toContain(decided);
    await eventually('a callback', () => receiver.received.length > 0);
    proxy.loseConnections();
    const again = (
      await eventually('a request', async () => {
        const { status, body } = await server.ask({ callbackUrl: `${receiver.url}/hook` });
        return status < 500 && body;
      })
    ).id;
    await server.decide(again, { decision: 'approve' });
    await eventually('another callback', () => receiver.received.length > 1);
  }, 60_000);

  it('reply to COMMIT is lost → unknown, look again; the decision is there', async () => {
    const databaseUrl = await postgres.createDatabase();
    const proxy = await proxyTo(databaseUrl);
    const server = await serverOn(proxy.url);
    const { id } = (await server.ask()).body;
    await server.bearer();
    let [decides, commits] = [false, false];
    proxy.onRequest((bytes) => {
      decides ||= bytes.includes('update "approvals"');
      commits = decides && bytes.includes('commit');
    });
    proxy.onReply(() => !commits);
    const { status, body } = await server.decide(id, { decision: 'approve' });
    proxy.onReply(() => true);
    expect([status, body.error]).toEqual([
      503,
      'The review server failed: the connection to the database was lost. It is unknown whether this call had its effect. Look at the request again before you repeat the call.',
    ]);
    expect((await server.get(`/api/approvals/${id}`)).body.status).toBe('APPROVED');
  });
});
