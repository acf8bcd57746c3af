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
    figure: 'Signal → tool started, against the bare floor',
    goal: '≤ 1.25× at p50, ≤ 1.5× at p99',
    goals: [
      { name: 'p50', atMost: 1.25 },
      { name: 'p99', atMost: 1.5 },
    ],
  },
  {
    id: 'click',
    figure: "reviewer's click → tool started, against the floor",
    goal: '≤ 1.6× at p50',
    goals: [{ name: '', atMost: 1.6 }],
  },
  {
    id: 'once',
    figure: '`at-most-once` instead of `idempotent` tool',
    goal: '≤ 1.6×',
    goals: [{ name: '', atMost: 1.6 }],
  },
  { id: 'paused', figure: '10,000 paused runs against 100', goal: '≤ 1.2× at p50', goals: [{ name: '', atMost: 1.2 }] },
  { id: 'evicted', figure: 'evicted run against cached run', goal: '≤ 2× at p50', goals: [{ name: '', atMost: 2 }] },
  {
    id: 'killed',
    figure: 'after kill -9 of the only worker: new worker up → tool started',
    goal: '≤ 1.5 s',
    goals: [{ name: '', atMost: 1.5 }],
  },
  {
    id: 'throughput',
    figure: "throughput of reviewed runs against the bare floor's",
    goal: '≥ 0.6×',
    goals: [{ name: '', atLeast: 0.6 }],
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
    figure: 'worker memory per cached waiting run',
    goal: '≤ 0.25 MB',
    goals: [{ name: '', atMost: 0.25 }],
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
