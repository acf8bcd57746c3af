import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { processFile, startNodeProcess } from '../../src/embedded/node-process.ts';
import type { StartedProcess } from '../../src/embedded/started-process.ts';

/** One of Holdpoint's servers as a process, as in production. */
export type Service = {
  /** Address. `restart` keeps it. */
  url: string;
  /** Memory of the process in MB. */
  residentMB(): Promise<number>;
  /** Sends SIGKILL. Resolves when the process has ended. */
  kill(): Promise<void>;
  /** Starts it again at the same address after `kill`. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

type ServiceOptions = {
  name: 'gateway' | 'review-server';
  /** The environment, without the listen address, which `listenName` names. */
  environment: Record<string, string>;
  listenName: string;
  onLine: (line: string) => void;
};

/** Starts a server on a free port. @throws StartFailed */
export async function startService({ name, environment, listenName, onLine }: ServiceOptions): Promise<Service> {
  const start = (listen: string): Promise<StartedProcess> =>
    startNodeProcess({
      file: processFile(name),
      environment: { ...environment, [listenName]: listen },
      onLine,
      stopWithinMs: 5000,
    });
  let running = await start('127.0.0.1:0');
  const url = running.ready['url'] as string;
  return {
    url,
    async residentMB() {
      const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(running.pid)]);
      return (Number(stdout) * 1024) / 1e6;
    },
    async kill() {
      running.kill('SIGKILL');
      await running.exited;
    },
    async restart() {
      running = await start(new URL(url).host);
    },
    stop: () => running.stop(),
  };
}
