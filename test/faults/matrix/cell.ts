/** The steps of a run, in the order of ARCHITECTURE.md's walks. */
export const steps = [
  'start',
  'takeTurn',
  'requestApproval',
  'decide',
  'callback',
  'readDecision',
  'beforeTool',
  'tool',
  'record',
  'nextTurn',
] as const;
export type Step = (typeof steps)[number];

/** The target of a fault: a process, or the connections from one process to another. */
export const processNames = ['worker', 'gateway', 'review-server', 'temporal', 'postgres'] as const;
export type ProcessName = (typeof processNames)[number];
export const linkNames = [
  'client → gateway',
  'gateway → Temporal',
  'worker → Temporal',
  'worker → model',
  'worker → database',
  'worker → review server',
  'worker → effect service',
  'reviewer → review server',
  'review server → database',
  'review server → gateway',
] as const;
export type LinkName = (typeof linkNames)[number];

export type ProcessFault = 'SIGKILL' | 'SIGSTOP' | 'SIGSTOP, replaced' | 'clock +1 h' | 'clock -1 h' | 'crash';
export type NetworkFault = 'refused' | 'reset' | 'reply lost' | 'black hole' | 'half-open' | 'slow';
export type HttpFault = '500' | '429' | 'malformed' | '500 after it acted';
export type DatabaseFault = 'sessions terminated' | 'read-only' | 'out of connections';
export type DiskFault = 'disk full';
export type FaultName = ProcessFault | NetworkFault | HttpFault | DatabaseFault | DiskFault;

/**
 * When a step is struck. `before`: its request has been sent and has not arrived. `after`: it has acted, and its reply
 * has not arrived.
 */
export type Side = 'before' | 'after';

/** The stack that a cell needs. `own`: with a Temporal and a PostgreSQL server that may be killed. */
export type LaneKind = 'shared' | 'own' | 'sqlite';

/** One cell of the matrix: one run, struck once. */
export type Cell = {
  id: string;
  step: Step;
  side: Side;
  on: ProcessName | LinkName;
  fault: FaultName;
  effect: 'idempotent' | 'at-most-once';
  /** The model asks for both calls at once, or for one in each turn: a call alone in its turn is requested locally. */
  calls: 'together' | 'apart';
  /** The reviewer approves with another amount. */
  edited: boolean;
  /** The approval expires after 30 minutes. */
  expires: boolean;
  lane: LaneKind;
};

export const isLink = (on: Cell['on']): on is LinkName => (linkNames as readonly string[]).includes(on);
