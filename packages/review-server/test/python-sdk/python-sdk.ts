import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { installedPackages } from './installed-packages.ts';

/** The versions of Cheqpoint's package that the review server is held against. */
export const SDK_VERSIONS = ['0.1.2', '0.2.0'] as const;
export type SdkVersion = (typeof SDK_VERSIONS)[number];

/** Time limit for installing and importing, in milliseconds. CrewAI alone takes most of a minute. */
export const STARTED_WITHIN_MS = 600_000;

/** The result of a call to the package: its return value or its exception. */
export type SdkAnswer =
  | { result: unknown }
  | {
      raised: {
        type: string;
        text: string;
        request_id?: string;
        response_notes?: string | null;
        status_code?: number;
        response_body?: unknown;
      };
    };

/** Runs the official Python package in a separate process. */
export type PythonSdk = {
  /**
   * Calls a method of `CheqpointClient`, or one of driver.py's own: `guard`, `traced_request`, and by its name a
   * framework that calls the tool. Calls run side by side.
   */
  call: (method: string, args: object, key?: string) => Promise<SdkAnswer>;
  stop: () => Promise<void>;
};

const LANGCHAIN = 'langchain-core==1.8.3 langgraph==1.2.24';
/** An agent framework that the package has a tool for, and the packages to install for it. */
const FRAMEWORKS = { langchain: LANGCHAIN, langgraph: LANGCHAIN, crewai: 'crewai==1.15.30' };
export type Framework = keyof typeof FRAMEWORKS;

/** Installs the package and the frameworks, and starts a Python that makes calls at a review server. */
export async function startPythonSdk(
  version: SdkVersion,
  frameworks: readonly Framework[],
  baseUrl: string,
  defaultKey: string,
): Promise<PythonSdk> {
  const folders = await Promise.all(
    [`cheqpoint==${version}`, ...new Set(frameworks.map((name) => FRAMEWORKS[name]))].map(installedPackages),
  );
  // CrewAI writes into the home folder, and would report to its makers.
  const home = mkdtempSync(join(tmpdir(), 'holdpoint-python-home-'));
  const env = {
    ...process.env,
    HOME: home,
    PYTHONPATH: folders.join(delimiter),
    CREWAI_DISABLE_TELEMETRY: 'true',
    OTEL_SDK_DISABLED: 'true',
    CREWAI_TRACING_ENABLED: 'false',
  };
  const child = spawn('python3', [fileURLToPath(new URL('driver.py', import.meta.url)), baseUrl, ...frameworks], {
    env,
    stdio: 'pipe',
  });
  const complaints: string[] = [];
  child.stderr.on('data', (part: Buffer) => complaints.push(part.toString()));
  const exited = once(child, 'exit');
  const waiting = new Map<number, { resolve: (answer: SdkAnswer) => void; reject: (error: Error) => void }>();
  createInterface(child.stdout).on('line', (line) => {
    // The frameworks print their own lines.
    if (!line.startsWith('{"number": ')) return;
    const { number, ...answer } = JSON.parse(line) as SdkAnswer & { number: number };
    waiting.get(number)?.resolve(answer);
    waiting.delete(number);
  });
  child.once('exit', (code) =>
    waiting.forEach(({ reject }) => reject(new Error(`Python ended with ${code}: ${complaints.join('')}`))),
  );
  // Its first line says that all is imported.
  await new Promise<unknown>((resolve, reject) => waiting.set(0, { resolve, reject }));
  let calls = 0;
  return {
    call: (method, args, key = defaultKey) =>
      new Promise((resolve, reject) => {
        calls += 1;
        waiting.set(calls, { resolve, reject });
        child.stdin.write(`${JSON.stringify([calls, key, method, args])}\n`);
      }),
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
      rmSync(home, { recursive: true, force: true });
    },
  };
}
