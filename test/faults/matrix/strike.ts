import { setTimeout as sleep } from 'node:timers/promises';
import type { Fate, TcpProxy } from '../../support/tcp-proxy.ts';
import { isLink, type Cell, type DatabaseFault, type HttpFault, type NetworkFault, type ProcessName } from './cell.ts';
import type { Lane, LaneDatabase } from './lane.ts';

/** A fault that has begun. */
export type Struck = {
  /** The fate of the chunk at whose passing it began. */
  fate: Fate;
  /** Ends the fault. Resolves when the part is up again. */
  heal: () => Promise<void>;
  /** When `heal` is due. 0: the fault is an instant. */
  holdMs: number;
  /** Called after the end of the run. */
  after?: () => Promise<void>;
};

/** Beyond a heartbeat of 10 s, and beyond the time limits of all callers. */
const frozenMs = 13_000;
const outageMs = 4000;
const hourMs = 3_600_000;
/** Delay of each chunk in each direction. */
const slowMs = 400;

/** Strikes the lane as the cell says. `atItsLink`: the chunk that passes belongs to the link that is struck. */
export async function strike(lane: Lane, cell: Cell, atItsLink: boolean): Promise<Struck> {
  if (cell.fault === 'disk full') {
    const { disk } = lane;
    if (!disk) throw new Error('This cell mounts a small disk, which only root may do.');
    disk.fill();
    return {
      fate: 'pass',
      holdMs: outageMs,
      async heal() {
        disk.free();
        // PostgreSQL ends when it can't write its log.
        await lane.ownPostgres?.restart();
      },
    };
  }
  if (!isLink(cell.on)) return await strikeProcess(lane, cell, cell.on);
  const link = lane.links[cell.on];
  if (!link) throw new Error(`A lane of the kind ${lane.kind} has no proxy for "${cell.on}".`);
  if (cell.fault in httpAnswers) return answerWrongly(cell.fault as HttpFault);
  if (cell.fault in databaseFaults)
    return await strikeDatabase(
      cell.fault as DatabaseFault,
      lane.databases?.[cell.on === 'worker → database' ? 'worker' : 'reviewServer'] as LaneDatabase,
    );
  return await strikeNetwork(link, cell.fault as NetworkFault, atItsLink);
}

async function strikeProcess(lane: Lane, { fault, side }: Cell, name: ProcessName): Promise<Struck> {
  const none = async () => undefined;
  if (name === 'postgres' && fault === 'SIGSTOP') {
    lane.ownPostgres?.freeze();
    return { fate: 'pass', holdMs: frozenMs, heal: async () => lane.ownPostgres?.wake() };
  }
  if (name === 'postgres') {
    await lane.ownPostgres?.crash();
    return { fate: 'pass', holdMs: 1000, heal: async () => await lane.ownPostgres?.restart() };
  }
  if (name === 'temporal') {
    const { server, restart } = lane.ownTemporal as NonNullable<Lane['ownTemporal']>;
    if (fault === 'SIGSTOP') {
      process.kill(server().pid, 'SIGSTOP');
      return { fate: 'pass', holdMs: frozenMs, heal: async () => void process.kill(server().pid, 'SIGCONT') };
    }
    const dead = server().kill();
    return { fate: 'pass', holdMs: 500, heal: () => dead.then(restart) };
  }
  const struck = { worker: lane.worker, gateway: lane.gateway, 'review-server': lane.reviewServer }[name];
  if (fault === 'SIGKILL') {
    const dead = struck.kill();
    // Before: it had not sent the request yet.
    return { fate: side === 'before' ? 'drop' : 'pass', holdMs: 200, heal: () => dead.then(() => struck.restart()) };
  }
  if (fault === 'SIGSTOP') {
    struck.freeze();
    return { fate: 'pass', holdMs: frozenMs, heal: async () => struck.wake() };
  }
  if (fault === 'SIGSTOP, replaced') {
    const up = struck.replaceFrozen();
    return { fate: 'pass', holdMs: 0, heal: () => up, after: () => struck.wakeReplaced() };
  }
  struck.setClock(fault === 'clock +1 h' ? hourMs : -hourMs);
  // The signal arrives within this time.
  await sleep(50);
  return { fate: 'pass', holdMs: 0, heal: none, after: async () => struck.setClock(0) };
}

async function strikeNetwork(link: TcpProxy, fault: NetworkFault, atItsLink: boolean): Promise<Struck> {
  const heal = () => link.heal();
  // The chunk of another link goes its way.
  const fate = atItsLink ? 'drop' : 'pass';
  switch (fault) {
    case 'refused':
      await link.refuse();
      return { fate, holdMs: outageMs, heal };
    case 'reset':
      link.resetConnections();
      return { fate, holdMs: 0, heal };
    case 'reply lost':
      // At its own link the caller of `strike` loses the one reply.
      if (atItsLink) return { fate: 'pass', holdMs: 0, heal };
      link.loseReplies();
      return { fate, holdMs: 2000, heal: async () => link.resetConnections() };
    case 'black hole':
      link.blackHole();
      return { fate, holdMs: outageMs, heal };
    case 'half-open':
      link.loseConnections();
      return { fate, holdMs: 0, heal };
    case 'slow':
      link.slow(slowMs);
      return { fate: 'pass', holdMs: 2 * outageMs, heal };
  }
}

const httpAnswers: Record<HttpFault, string> = {
  '500': answerText('500 Internal Server Error', '{"error":{"message":"The server failed."}}'),
  '429': answerText('429 Too Many Requests', '{"error":{"message":"Slow down."}}', 'retry-after: 1\r\n'),
  malformed: answerText('200 OK', '{"id":"'),
  '500 after it acted': answerText('500 Internal Server Error', '{"error":{"message":"The server failed."}}'),
};

function answerText(status: string, body: string, headers = ''): string {
  return `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\n${headers}content-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`;
}

/** Answers in place of the server. The caller of `strike` repeats it for all requests of the step until it is healed. */
function answerWrongly(fault: HttpFault): Struck {
  return { fate: { answer: httpAnswers[fault] }, holdMs: 1500, heal: async () => undefined };
}

const databaseFaults: Record<DatabaseFault, (role: string) => string | undefined> = {
  'sessions terminated': () => undefined,
  'read-only': (role) => `alter role ${role} set default_transaction_read_only = on`,
  'out of connections': (role) => `alter role ${role} connection limit 0`,
};

async function strikeDatabase(fault: DatabaseFault, { role, execute }: LaneDatabase): Promise<Struck> {
  const terminate = () => execute(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${role}'`);
  const change = databaseFaults[fault](role);
  if (change === undefined) {
    await terminate();
    return { fate: 'pass', holdMs: 0, heal: async () => undefined };
  }
  await execute(change);
  await terminate();
  return {
    fate: 'pass',
    holdMs: outageMs,
    async heal() {
      await execute(
        fault === 'read-only'
          ? `alter role ${role} reset default_transaction_read_only`
          : `alter role ${role} connection limit -1`,
      );
      // Sessions of the read-only time would stay read-only.
      if (fault === 'read-only') await terminate();
    },
  };
}
