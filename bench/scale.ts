/** How much is measured. Counts, unless a unit is named. */
export type Scale = {
  rounds: number;
  /** Decisions of each kind in a round of the latency figures. */
  decisions: number;
  /** Numbers of paused runs that decisions are timed among; the first is the base of the ratio. */
  paused: readonly number[];
  /** Decisions timed at each of them. */
  decisionsAmongPaused: number;
  kills: number;
  /** Runs in a round of the throughput figure. */
  throughputRuns: number;
  /** How long waiting runs are watched, in milliseconds. */
  watchMs: number;
  memoryRuns: number;
  /** Decisions to find the saturation with, and decisions at half of it. */
  saturating: number;
  atHalf: number;
  approvals: number;
  inboxQueries: number;
  faultRuns: number;
  faultKills: number;
  peers: boolean;
  /** Runs paused at once at each peer, and decisions made there one after the other. */
  peerRuns: number;
  decisionsApart: number;
};

/** Under five minutes on two cores. */
export const quick: Scale = {
  rounds: 3, decisions: 25, paused: [], decisionsAmongPaused: 0, kills: 5, throughputRuns: 40, watchMs: 60_000, memoryRuns: 250,
  saturating: 60, atHalf: 120, approvals: 100_000, inboxQueries: 100, faultRuns: 40, faultKills: 3, peers: false, peerRuns: 0, decisionsApart: 0,
};

/** For a cluster: `--temporal`. */
export const full: Scale = {
  rounds: 5, decisions: 100, paused: [100, 1_000, 10_000], decisionsAmongPaused: 200, kills: 10, throughputRuns: 300, watchMs: 60_000, memoryRuns: 1_000,
  saturating: 300, atHalf: 600, approvals: 100_000, inboxQueries: 500, faultRuns: 200, faultKills: 10, peers: true, peerRuns: 400, decisionsApart: 100,
};
