/** One number of a figure and its goal. */
export type Goal = {
  /** Distinguishes the numbers of one figure. Empty if there is only one. */
  name: string;
  atMost?: number;
  atLeast?: number;
};

/** One row of the table of goals. */
export type Figure = { id: string; figure: string; goal: string; goals: readonly Goal[] };

/** All figures and their goals, in the order of the table. */
export const figures = [
  {
    id: 'signal',
    figure: 'Signal → tool started, against the bare floor; own databases: SQLite files',
    goal: '≤ 1.25× at p50, ≤ 1.5× at p99',
    goals: [
      { name: 'p50', atMost: 1.25 },
      { name: 'p99', atMost: 1.5 },
    ],
  },
  {
    id: 'signal-postgres',
    figure: 'Signal → tool started, against the bare floor; own databases: PostgreSQL',
    goal: '≤ 1.25× at p50',
    goals: [{ name: '', atMost: 1.25 }],
  },
  {
    id: 'click-postgres',
    figure: "reviewer's click → tool started, against the floor; own databases: PostgreSQL",
    goal: '≤ 1.6× at p50',
    goals: [{ name: '', atMost: 1.6 }],
  },
  {
    id: 'click-postgres-eager',
    figure: 'the same on a server that dispatches Activities eagerly',
    goal: '≤ 1.7× at p50',
    goals: [{ name: '', atMost: 1.7 }],
  },
  {
    id: 'click',
    figure: "reviewer's click → tool started, against the floor; own databases: SQLite files",
    goal: '≤ 1.5× at p50',
    goals: [{ name: '', atMost: 1.5 }],
  },
  {
    id: 'burst',
    figure: 'twenty decided at once, against a floor that goes on after its Activity: Signals / clicks',
    goal: '≤ 1.5× / ≤ 2.2× at p50',
    goals: [
      { name: 'signals', atMost: 1.5 },
      { name: 'clicks', atMost: 2.2 },
    ],
  },
  {
    id: 'burst-of-100',
    figure: 'a hundred decided at once, against the same floor: clicks',
    goal: '≤ 2.8× at p50',
    goals: [{ name: '', atMost: 2.8 }],
  },
  {
    id: 'once',
    figure: '`at-most-once` instead of `idempotent` tool',
    goal: '≤ 1.6×',
    goals: [{ name: '', atMost: 1.6 }],
  },
  { id: 'evicted', figure: 'evicted run against cached run', goal: '≤ 2× at p50', goals: [{ name: '', atMost: 2 }] },
  {
    id: 'killed',
    figure: 'after kill -9 of the only worker: new worker up → tool started',
    goal: '≤ 1.5 s',
    goals: [{ name: '', atMost: 1.5 }],
  },
  {
    id: 'killed-in-tools',
    figure: 'kill -9 while the tools of 200 runs start → all have acted',
    goal: '≤ 7 s',
    goals: [{ name: '', atMost: 7 }],
  },
  {
    id: 'restart',
    figure: "paused runs decided at once after a restart: runs a second against the floor's",
    goal: '≥ 0.8×',
    goals: [{ name: '', atLeast: 0.8 }],
  },
  {
    id: 'throughput',
    figure: "throughput of reviewed runs against the bare floor's, embedded server",
    goal: '≥ 0.65×',
    goals: [{ name: '', atLeast: 0.65 }],
  },
  {
    id: 'throughput-cluster',
    figure: 'the same on a server with PostgreSQL, own databases on PostgreSQL too',
    goal: '≥ 0.85×',
    goals: [{ name: '', atLeast: 0.85 }],
  },
  {
    id: 'history-of-run',
    figure: 'history of a run with one reviewed call: events / Temporal actions',
    goal: '≤ 30 / ≤ 8',
    goals: [
      { name: 'events', atMost: 30 },
      { name: 'actions', atMost: 8 },
    ],
  },
  {
    id: 'history',
    figure: 'history events per reviewed call: bare / with state shown and deadline; per plain call',
    goal: '≤ 16 / ≤ 20; ≤ 6',
    goals: [
      { name: 'bare', atMost: 16 },
      { name: 'shownWithDeadline', atMost: 20 },
      { name: 'plain', atMost: 6 },
    ],
  },
  {
    id: 'waiting',
    figure: 'events added by a waiting run in a minute; worker memory of an evicted run',
    goal: '0; 0',
    goals: [
      { name: 'events', atMost: 0 },
      { name: 'evictedMB', atMost: 0 },
    ],
  },
  {
    id: 'memory',
    figure: 'worker memory per cached waiting run: heap / growth of the process',
    goal: '≤ 0.12 / ≤ 0.25 MB',
    goals: [
      { name: 'heapMB', atMost: 0.12 },
      { name: 'processMB', atMost: 0.25 },
    ],
  },
  {
    id: 'paused',
    figure: '100,000 paused runs against 100: Signal → tool; one reconcile look among them',
    goal: '≤ 1.2× at p50; ≤ 10 s',
    goals: [
      { name: 'signal', atMost: 1.2 },
      { name: 'lookSeconds', atMost: 10 },
    ],
  },
  {
    id: 'gateway',
    figure: "gateway p99 for a callback at 50 % of saturation, against the bare Signal's",
    goal: '≤ 2×',
    goals: [{ name: '', atMost: 2 }],
  },
  {
    id: 'decisions',
    figure: 'decisions a second with 3 ms to PostgreSQL, against the same without an audit',
    goal: '≥ 0.8×',
    goals: [{ name: '', atLeast: 0.8 }],
  },
  {
    id: 'inbox',
    figure: 'inbox list and search at 100,000 approvals, p99',
    goal: '≤ 100 ms',
    goals: [
      { name: 'list', atMost: 100 },
      { name: 'search', atMost: 100 },
    ],
  },
  {
    id: 'inbox-page',
    figure: 'inbox: script, compressed; first paint; answers of the API compressed (1: yes)',
    goal: '≤ 130 kB; ≤ 0.3 s; yes',
    goals: [
      { name: 'scriptKB', atMost: 130 },
      { name: 'paintSeconds', atMost: 0.3 },
      { name: 'compressed', atLeast: 1 },
    ],
  },
  {
    id: 'dev-start',
    figure: "`holdpoint dev` until it is up, Temporal's program cached",
    goal: '≤ 2 s',
    goals: [{ name: '', atMost: 2 }],
  },
  {
    id: 'idle',
    figure: 'Workflows that an idle worker starts in an hour',
    goal: '≤ 2',
    goals: [{ name: '', atMost: 2 }],
  },
  {
    id: 'faults',
    figure: 'lost, doubled under faults',
    goal: '0, 0',
    goals: [
      { name: 'lost', atMost: 0 },
      { name: 'doubled', atMost: 0 },
    ],
  },
] as const satisfies readonly Figure[];

export type FigureId = (typeof figures)[number]['id'];

/** Numbers of one figure by name. A single number has the empty name. Null: not measured. */
export type Values = Readonly<Record<string, number>> | null;

/** True if every number reaches its goal. Null if one was not measured. */
export function met(goals: readonly Goal[], values: Values): boolean | null {
  if (values === null) return null;
  return goals.every(({ name, atMost = Infinity, atLeast = -Infinity }) => {
    const value = values[name];
    return value !== undefined && value <= atMost && value >= atLeast;
  });
}
