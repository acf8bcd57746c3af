import { execFile } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startPostgres } from '../../test/support/postgres.ts';
import type { Bench, Fact, Measurement } from '../measurement.ts';
import type { PeerPlan } from '../peers/peer-process.ts';
import { actMs } from '../stage/names.ts';
import { startPeer, type PeerProcess } from '../stage/start-peer.ts';
import { startRestateServer } from '../stage/restate-server.ts';
import { actsIn } from './acts.ts';
import { holdpointAfterKill, speedOfHoldpoint } from './holdpoint-among-peers.ts';
import {
  afterKillFacts,
  countActs,
  peerWidth,
  recoveryMs,
  speedFacts,
  type AfterKill,
  type Speed,
} from './peer-facts.ts';

const peersFolder = fileURLToPath(new URL('../peers/', import.meta.url));

const modules = {
  'guides-loop': "Cheqpoint's guide: a loop in memory, 30 s",
  'openai-agents': 'OpenAI Agents SDK and a table',
  langgraph: 'LangGraph JS, PostgreSQL',
  dbos: 'DBOS, PostgreSQL',
  restate: 'Restate, suspended',
};

/** The same run in other systems: pause for a person, continue, act; and its result after kill -9. */
export const peers: Measurement = {
  name: 'the peers',
  figures: [],
  async measure(bench) {
    bench.progress('installing them');
    await promisify(execFile)('npm', ['ci', '--no-audit', '--no-fund'], { cwd: peersFolder });
    const postgres = await startPostgres({ waitsForDisk: true });
    if (postgres === undefined) throw new Error('The peers need PostgreSQL: install its server programs.');
    const restate = await startRestateServer(peersFolder, bench.stage.folder, bench.stage.environment);
    try {
      const facts: Fact[] = speedFacts('Holdpoint, by a click in the inbox', await speedOfHoldpoint(bench));
      for (const tool of ['act', 'act_once'] as const)
        facts.push(
          ...afterKillFacts(
            `Holdpoint, \`${tool === 'act' ? 'idempotent' : 'at-most-once'}\` tool`,
            await holdpointAfterKill(bench, tool, bench.scale.faultRuns),
          ),
        );
      for (const [module, name] of Object.entries(modules)) {
        const makePlan = async (part: string): Promise<PeerPlan> => {
          const folder = join(bench.stage.folder, `${module}-${part}`);
          mkdirSync(folder);
          return {
            module: join(peersFolder, `${module}.ts`),
            folder,
            databaseUrl: await postgres.createDatabase(),
            ...(module === 'restate' && { server: restate }),
            ...(module === 'guides-loop' && { review: bench.stage.review }),
          };
        };
        facts.push(
          ...speedFacts(name, await speed(bench, name, await makePlan('speed'))),
          ...afterKillFacts(name, await afterKill(bench, name, await makePlan('faults'))),
        );
      }
      return { results: [], facts };
    } finally {
      await restate.stop();
      await postgres.stop();
    }
  },
};

const someItems = (count: number) => Array.from({ length: count }, () => randomUUID() as string);

function start({ stage }: Bench, plan: PeerPlan): Promise<PeerProcess> {
  return startPeer(plan, stage.environment, join(stage.folder, 'peers.log'));
}

async function speed(bench: Bench, name: string, plan: PeerPlan): Promise<Speed> {
  const { peerRuns, decisionsApart } = bench.scale;
  const peer = await start(bench, plan);
  bench.progress(`${name}: one decision after the other`);
  const warmUp = someItems(5);
  await peer.obey({ type: 'pause', items: warmUp, width: peerWidth });
  await peer.obey({ type: 'decide', items: warmUp, width: 1, apart: true });
  const apart = someItems(decisionsApart);
  await peer.obey({ type: 'pause', items: apart, width: peerWidth });
  const { latencies: alone = [] } = await peer.obey({ type: 'decide', items: apart, width: 1, apart: true });
  bench.progress(`${name}: ${peerRuns} paused runs`);
  const { memoryMB: before = 0 } = await peer.obey({ type: 'memory' });
  const items = someItems(peerRuns);
  const paused = await peer.obey({ type: 'pause', items, width: peerWidth });
  // Restate suspends a handler after a second of waiting.
  await sleep(2000);
  const { memoryMB: after = 0 } = await peer.obey({ type: 'memory' });
  const decided = await peer.obey({ type: 'decide', items, width: peerWidth, apart: false });
  await peer.kill();
  return {
    alone,
    together: decided.latencies ?? [],
    pausedPerSecond: (peerRuns * 1000) / paused.ms,
    decidedPerSecond: (peerRuns * 1000) / decided.ms,
    memoryMB: (after - before) / peerRuns,
  };
}

/**
 * Clicks every decision twice at once, and kills the process while tools run. Repeats an unconfirmed decision once the
 * process is back.
 */
async function afterKill(bench: Bench, name: string, plan: PeerPlan): Promise<AfterKill> {
  bench.progress(`${name}: double clicks and kill -9`);
  const actsFile = join(plan.folder, 'acts');
  const items = someItems(bench.scale.faultRuns);
  const peer = await start(bench, { ...plan, actsFile });
  await peer.obey({ type: 'pause', items, width: peerWidth });
  const taken = new Set<string>();
  const acting = new Promise<void>((resolve) => {
    peer.events.onAct = () => resolve();
  });
  peer.events.onTaken = (item) => void taken.add(item);
  peer.obey({ type: 'double-click', items }).catch(() => undefined);
  await acting;
  await sleep(randomInt(3 * actMs));
  await peer.kill();
  const from = performance.now();
  const successor = await start(bench, { ...plan, actsFile });
  await successor
    .obey({ type: 'double-click', items: items.filter((item) => !taken.has(item)) })
    .catch(() => undefined);
  while (new Set(actsIn(actsFile).map(({ item }) => item)).size < items.length && performance.now() - from < recoveryMs)
    await sleep(50);
  const seconds = (performance.now() - from) / 1000;
  // A second start shows only when it ends.
  await sleep(1000);
  await successor.kill();
  return { ...countActs(items, actsIn(actsFile)), seconds };
}
