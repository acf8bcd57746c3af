import { spawn } from 'node:child_process';

// `read` ends when the pipe closes, which happens however the parent ends. A line on the pipe dismisses the guardian.
const script =
  'read -r line && exit; kill -TERM "$1" || exit; n=0; while kill -0 "$1" && [ $n -lt 50 ]; do sleep 0.1; n=$((n+1)); done; kill -KILL "$1"';

/**
 * Ends a program when this process is gone, even by SIGKILL: SIGTERM first, SIGKILL after five seconds. For programs
 * that don't watch their parent. Call `dismiss` when the program has ended.
 */
export function guard(pid: number): { dismiss(): void } {
  // Detached: Ctrl-C in the terminal must not reach it.
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
