/** The number of paused runs that is the base of the ratio. */
export const fewestPaused = 100;
/** The number of paused runs for which the figure has a goal. */
export const mostPaused = 100_000;

/** Size of the measurements. Counts, unless a unit is named. */
export type Scale = {
  rounds: number;
  /** Decisions of each kind in a round of the latency figures. */
  decisions: number;
  /** Numbers of paused runs while decisions are timed. The first is the base of the ratio. */
  paused: readonly number[];
  /** Timed decisions per round, at each number. */
  decisionsAmongPaused: number;
  kills: number;
  /** Runs per round of the throughput figure: enough to make start and end of a round negligible. */
  throughputRuns: number;
  /** Rounds of the bursts, and decisions made at once in each. */
  burstRounds: number;
  bursts: readonly number[];
  /** Runs that are decided when the only worker is killed. 0 leaves the figure out. */
  runsInTools: number;
  /** Runs that are decided after a restart. 0 leaves the figure out. */
  restartedRuns: number;
  /** Observation time of waiting runs, in milliseconds. */
  watchMs: number;
  memoryRuns: number;
  /** Decisions to find saturation, and decisions at half of it. */
  saturating: number;
  atHalf: number;
  /** Decisions of each form of the audit in a round. 0 leaves the figure out. */
  decisionsAtAudit: number;
  /** Numbers of approvals in the inbox. The last one counts for the figure. */
  approvals: readonly number[];
  inboxQueries: number;
  inboxOnPostgres: boolean;
  faultRuns: number;
  faultKills: number;
  /** True to measure from an empty machine to the demo's end. Installs packages. */
  freshClone: boolean;
  peers: boolean;
  /** Runs paused at once at each peer, and sequential decisions there. */
  peerRuns: number;
  decisionsApart: number;
};

/** Under six minutes on two cores. Three figures are left to the full form. */
export const quick: Scale = {
  rounds: 3,
  decisions: 15,
  paused: [],
  decisionsAmongPaused: 0,
  kills: 3,
  throughputRuns: 40,
  burstRounds: 2,
  bursts: [20],
  runsInTools: 0,
  restartedRuns: 0,
  watchMs: 60_000,
  memoryRuns: 150,
  saturating: 60,
  atHalf: 80,
  decisionsAtAudit: 0,
  approvals: [100_000],
  inboxQueries: 50,
  inboxOnPostgres: false,
  faultRuns: 30,
  faultKills: 2,
  freshClone: false,
  peers: false,
  peerRuns: 0,
  decisionsApart: 0,
};

/** About four hours on two cores. For a cluster: `--temporal`. */
const full: Scale = {
  rounds: 3,
  decisions: 100,
  paused: [fewestPaused, 10_000, mostPaused],
  decisionsAmongPaused: 100,
  kills: 10,
  throughputRuns: 200,
  burstRounds: 6,
  bursts: [20, 100],
  runsInTools: 200,
  restartedRuns: 10_000,
  watchMs: 60_000,
  memoryRuns: 1_000,
  saturating: 200,
  atHalf: 400,
  decisionsAtAudit: 600,
  approvals: [10_000, 100_000],
  inboxQueries: 200,
  inboxOnPostgres: true,
  faultRuns: 200,
  faultKills: 10,
  freshClone: true,
  peers: true,
  peerRuns: 400,
  decisionsApart: 100,
};

/** The scale of a form, with the numbers of runs from the command line. */
export function scaleOf(options: {
  full: boolean;
  restarted?: number | undefined;
  paused?: number | undefined;
}): Scale {
  const scale = options.full ? full : quick;
  const { restarted = scale.restartedRuns, paused } = options;
  return {
    ...scale,
    restartedRuns: restarted,
    paused: paused === undefined ? scale.paused : [...scale.paused.filter((each) => each < paused), paused],
  };
}
