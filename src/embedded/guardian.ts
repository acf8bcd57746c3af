import { spawn } from 'node:child_process';

// `read` ends when the pipe closes, which the operating system does however the parent ends; a line means "let it be".
const script =
  'read -r line && exit; kill -TERM "$1" || exit; n=0; while kill -0 "$1" && [ $n -lt 50 ]; do sleep 0.1; n=$((n+1)); done; kill -KILL "$1"';

/**
 * Ends a foreign program when this process is gone, even by SIGKILL: SIGTERM first, SIGKILL after five seconds.
 * For programs that do not watch their parent themselves. `dismiss` when the program has ended.
 */
export function guard(pid: number): { dismiss(): void } {
  // Detached: a Ctrl-C in the terminal must not reach it.
  const guardian = spawn('/bin/sh', ['-c', script, 'holdpoint-guardian', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guardian.unref();
  guardian.on('error', () => {});
  const pipe = guardian.stdin as typeof guardian.stdin & { unref?: () => void };
  pipe.on('error', () => {});
  pipe.unref?.();
  return { dismiss: () => void pipe.end('\n') };
}
