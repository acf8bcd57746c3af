import { bursts } from './figures/bursts.ts';
import { decisionLatency } from './figures/decision-latency.ts';
import { decisions } from './figures/decisions.ts';
import { devStart } from './figures/dev-start.ts';
import { faults } from './figures/faults.ts';
import { gatewayLoad } from './figures/gateway-load.ts';
import { history } from './figures/history.ts';
import { inbox } from './figures/inbox.ts';
import { inboxPage } from './figures/inbox-page.ts';
import { killedInTools } from './figures/killed-in-tools.ts';
import { killedWorker } from './figures/killed-worker.ts';
import { pausedRuns } from './figures/paused-runs.ts';
import { peers } from './figures/peers.ts';
import { restart } from './figures/restart.ts';
import { startUp } from './figures/start-up.ts';
import { throughput } from './figures/throughput.ts';
import { waiting } from './figures/waiting.ts';
import type { Measurement } from './measurement.ts';
import type { Scale } from './scale.ts';

/** The measurements of this scale, in order. */
export function measurementsOf(scale: Scale): Measurement[] {
  // Last, because it leaves a hundred thousand runs in Temporal's database. The others need a nearly empty one.
  return [
    decisionLatency,
    bursts,
    killedWorker,
    ...(scale.runsInTools > 0 ? [killedInTools] : []),
    ...(scale.restartedRuns > 0 ? [restart] : []),
    throughput,
    history,
    waiting,
    gatewayLoad,
    ...(scale.decisionsAtAudit > 0 ? [decisions] : []),
    inbox,
    inboxPage,
    devStart,
    faults,
    startUp,
    ...(scale.peers ? [peers] : []),
    ...(scale.paused.length > 1 ? [pausedRuns] : []),
  ];
}
