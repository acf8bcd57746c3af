import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Clock ticks of /proc in a second: Linux has 100 on every machine that Node runs on. */
const ticksPerSecond = 100;

/**
 * Milliseconds of processor time that all processes which this one has started took so far: workers, servers, an
 * embedded Temporal. An external server is none of them. Undefined where there is no /proc.
 */
export function processorMs(): number | undefined {
  const processes = new Map<number, { parent: number; ticks: number }>();
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
      processes.set(Number(name), { parent: Number(fields[1]), ticks });
    } catch {
      // It has ended.
    }
  }
  const isOurs = (pid: number): boolean => {
    const found = processes.get(pid);
    return found !== undefined && (found.parent === process.pid || isOurs(found.parent));
  };
  const ticks = [...processes].reduce((sum, [pid, own]) => sum + (isOurs(pid) ? own.ticks : 0), 0);
  return (ticks * 1000) / ticksPerSecond;
}

/** Cores that processes can use at once. */
export const cores = availableParallelism();
