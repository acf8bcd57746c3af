import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Clock ticks of /proc in a second: Linux has 100 on every machine that Node runs on. */
const ticksPerSecond = 100;

/** The programs that take processor time. `elsewhere`: those that this process has not started. */
export const programs = [
  'worker',
  'gateway',
  'review server',
  'PostgreSQL',
  'Temporal',
  'benchmark',
  'elsewhere',
] as const;
export type Program = (typeof programs)[number];

/** Milliseconds of processor time so far, by program. */
export type ProcessorTime = Record<Program, number>;

/** The time of all programs of this machine. Undefined where there is no /proc. */
export function processorTime(): ProcessorTime | undefined {
  const processes = new Map<number, { parent: number; ticks: number; command: string }>();
  let names: string[];
  try {
    names = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return undefined;
  }
  for (const name of names) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      // After the name in brackets: state, parent, … user and system time as fields 14 and 15, children's as 16 and 17.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
      processes.set(Number(name), { parent: Number(fields[1]), ticks, command });
    } catch {
      // It has ended.
    }
  }
  const isOurs = (pid: number): boolean => {
    const found = processes.get(pid);
    return found !== undefined && (pid === process.pid || isOurs(found.parent));
  };
  const taken = Object.fromEntries(programs.map((program) => [program, 0])) as ProcessorTime;
  for (const [pid, { ticks, command }] of processes)
    taken[isOurs(pid) ? programOf(command) : 'elsewhere'] += (ticks * 1000) / ticksPerSecond;
  return taken;
}

function programOf(command: string): Program {
  if (/-worker\.ts/.test(command)) return 'worker';
  if (/\/gateway\.[jt]s/.test(command)) return 'gateway';
  if (/\/review-server\.[jt]s/.test(command)) return 'review server';
  if (/\/temporal server/.test(command)) return 'Temporal';
  return /\bpostgres\b/.test(command) ? 'PostgreSQL' : 'benchmark';
}

/** Cores that processes can use at once. */
export const cores = availableParallelism();
