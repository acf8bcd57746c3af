import type {
  Cell,
  DatabaseFault,
  FaultName,
  HttpFault,
  LaneKind,
  LinkName,
  NetworkFault,
  ProcessFault,
  ProcessName,
  Side,
  Step,
} from './cell.ts';

type Group = {
  on: ProcessName | LinkName;
  faults: readonly FaultName[];
  at: readonly Step[];
  sides?: readonly Side[];
  /** @default 'shared' */
  lane?: LaneKind;
  effects?: ReadonlyArray<Cell['effect']>;
  expires?: true;
};

const network: readonly NetworkFault[] = ['refused', 'reset', 'reply lost', 'black hole', 'half-open', 'slow'];
const http: readonly HttpFault[] = ['500', '429', 'malformed', '500 after it acted'];
const database: readonly DatabaseFault[] = ['sessions terminated', 'read-only', 'out of connections'];
const clocks: readonly ProcessFault[] = ['clock +1 h', 'clock -1 h'];
const stops: readonly ProcessFault[] = ['SIGKILL', 'SIGSTOP'];
const both: readonly Side[] = ['before', 'after'];
const requested: ReadonlyArray<Cell['calls']> = ['together', 'apart'];
const kinds: ReadonlyArray<Cell['effect']> = ['idempotent', 'at-most-once'];

const groups: readonly Group[] = [
  { on: 'worker', faults: stops, at: ['takeTurn', 'requestApproval', 'nextTurn'], sides: both },
  { on: 'worker', faults: stops, at: ['start', 'decide', 'callback', 'readDecision'] },
  { on: 'worker', faults: stops, at: ['beforeTool', 'tool', 'record'], sides: both, effects: kinds },
  { on: 'worker', faults: ['SIGSTOP, replaced'], at: ['takeTurn', 'requestApproval', 'nextTurn'] },
  { on: 'worker', faults: ['SIGSTOP, replaced'], at: ['beforeTool', 'tool', 'record'], sides: both, effects: kinds },
  { on: 'worker', faults: clocks, at: ['start'], expires: true },
  { on: 'worker', faults: clocks, at: ['decide', 'tool'] },
  { on: 'gateway', faults: stops, at: ['start', 'callback'], sides: both },
  { on: 'gateway', faults: clocks, at: ['start'], expires: true },
  { on: 'gateway', faults: clocks, at: ['callback'] },
  { on: 'review-server', faults: stops, at: ['requestApproval', 'decide', 'callback'], sides: both },
  { on: 'review-server', faults: stops, at: ['readDecision'] },
  { on: 'review-server', faults: ['SIGSTOP, replaced'], at: ['requestApproval', 'decide', 'callback'] },
  { on: 'review-server', faults: clocks, at: ['start'], expires: true },
  { on: 'review-server', faults: clocks, at: ['decide', 'callback'] },
  {
    on: 'temporal',
    faults: stops,
    at: ['start', 'takeTurn', 'requestApproval', 'callback', 'tool', 'nextTurn'],
    lane: 'own',
  },
  {
    on: 'postgres',
    faults: ['crash', 'SIGSTOP', 'disk full'],
    at: ['takeTurn', 'requestApproval', 'decide', 'beforeTool', 'record'],
    lane: 'own',
  },

  { on: 'client → gateway', faults: ['reset', 'reply lost', '500 after it acted'], at: ['start'] },
  { on: 'gateway → Temporal', faults: network, at: ['start', 'callback'] },
  {
    on: 'worker → Temporal',
    faults: network,
    at: ['takeTurn', 'requestApproval', 'tool', 'nextTurn'],
    sides: ['after'],
  },
  { on: 'worker → model', faults: [...network, ...http], at: ['takeTurn', 'nextTurn'] },
  {
    on: 'worker → database',
    faults: [...network, ...database],
    at: ['takeTurn', 'requestApproval', 'beforeTool', 'record'],
  },
  { on: 'worker → review server', faults: [...network, ...http], at: ['requestApproval', 'readDecision'] },
  { on: 'worker → effect service', faults: [...network, ...http], at: ['tool'], effects: kinds },
  { on: 'reviewer → review server', faults: ['reset', 'reply lost', '500 after it acted'], at: ['decide'] },
  { on: 'review server → database', faults: [...network, ...database], at: ['requestApproval', 'decide', 'callback'] },
  { on: 'review server → gateway', faults: [...network, ...http], at: ['callback'] },

  { on: 'worker', faults: stops, at: ['takeTurn', 'requestApproval', 'tool'], lane: 'sqlite', sides: ['after'] },
  { on: 'review-server', faults: stops, at: ['requestApproval', 'decide'], lane: 'sqlite', sides: ['after'] },
  { on: 'worker', faults: ['disk full'], at: ['takeTurn', 'requestApproval', 'decide', 'tool'], lane: 'sqlite' },
  { on: 'review-server', faults: ['disk full'], at: ['requestApproval', 'decide'], lane: 'sqlite' },
];

/** Every cell. Neighbours differ in effect, calls and edit, so every fault meets both. A request is struck in both ways. */
export const cells: readonly Cell[] = groups
  .flatMap(({ on, faults, at, sides = ['before'], lane = 'shared', effects, expires = false }) =>
    faults.flatMap((fault) =>
      at.flatMap((step) =>
        sides.flatMap((side) =>
          (effects ?? [undefined]).flatMap((effect) =>
            (step === 'requestApproval' ? requested : [undefined]).map((calls) => ({
              on,
              fault,
              step,
              side,
              lane,
              effect,
              calls,
              expires,
            })),
          ),
        ),
      ),
    ),
  )
  .map((cell, index) => {
    const effect = cell.effect ?? (index % 2 === 0 ? 'idempotent' : 'at-most-once');
    const calls = cell.calls ?? (index % 4 < 2 ? 'together' : 'apart');
    const place = `${cell.on}${cell.lane === 'sqlite' ? ' (SQLite)' : ''}`;
    return {
      ...cell,
      effect,
      calls,
      edited: index % 3 === 0,
      id: `${place}: ${cell.fault}, ${cell.side} ${cell.step}, ${effect}, calls ${calls}`,
    };
  });

/** `count` of the cells, picked by the seed, in the matrix's order. */
export function sampleOf(all: readonly Cell[], count: number, seed: number): Cell[] {
  const random = randomNumbers(seed);
  const picked = new Set(
    all
      .map((cell) => ({ cell, rank: random() }))
      .sort((one, other) => one.rank - other.rank)
      .slice(0, count)
      .map(({ cell }) => cell),
  );
  return all.filter((cell) => picked.has(cell));
}

/** Numbers from 0 to 1 that the seed determines (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
