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
  /** Runs that are decided when the only worker is killed. */
  runsInTools: number;
  /** Runs that are decided after a restart. */
  restartedRuns: number;
  /** Observation time of waiting runs, in milliseconds. */
  watchMs: number;
  memoryRuns: number;
  /** Decisions to find saturation, and decisions at half of it. */
  saturating: number;
  atHalf: number;
  /** Decisions of each form of the audit in a round. */
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

/** Under six minutes on two cores. */
export const quick: Scale = {
  rounds: 3,
  decisions: 25,
  paused: [],
  decisionsAmongPaused: 0,
  kills: 3,
  throughputRuns: 100,
  burstRounds: 2,
  bursts: [20],
  runsInTools: 200,
  restartedRuns: 60,
  watchMs: 60_000,
  memoryRuns: 250,
  saturating: 60,
  atHalf: 120,
  decisionsAtAudit: 150,
  approvals: [100_000],
  inboxQueries: 50,
  inboxOnPostgres: false,
  faultRuns: 40,
  faultKills: 3,
  freshClone: false,
  peers: false,
  peerRuns: 0,
  decisionsApart: 0,
};

/** About four hours on two cores. For a cluster: `--temporal`. */
export const full: Scale = {
  rounds: 3,
  decisions: 100,
  paused: [100, 10_000, 100_000],
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
