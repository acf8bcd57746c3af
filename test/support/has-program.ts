import { execFileSync } from 'node:child_process';

/** True if the program is on PATH and says its version. `ask`: how it is asked. */
export function hasProgram(name: string, ask = '--version'): boolean {
  try {
    execFileSync(name, [ask], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
