import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { processFile, startNodeProcess } from '../../src/embedded/node-process.ts';
import type { StartedProcess } from '../../src/embedded/started-process.ts';

/** One of Holdpoint's servers, as the process that it is in production. */
export type Service = {
  /** Its address; the same after `restart`. */
  url: string;
  /** What the process takes from the machine, in MB. */
  residentMB(): Promise<number>;
  /** SIGKILL, and it is dead. */
  kill(): Promise<void>;
  /** Starts it again where it listened, once it is dead. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

type ServiceOptions = {
  name: 'gateway' | 'review-server';
  /** Its whole environment, but for the address it listens at, which `listenName` names. */
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
