import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const pip = spawnSync('python3', ['-m', 'pip', '--version'], { encoding: 'utf8' });

/** Whether Python packages can be installed here. */
export const pipIsInstalled = pip.status === 0;

/** What the package made of a call: what it returned, or what it raised. */
export type SdkAnswer = { result: unknown } | { raised: { type: string; text: string; request_id?: string; response_notes?: string | null; status_code?: number; response_body?: unknown } };

/** The official Python package in a process of its own. */
export type PythonSdk = {
  /** Calls a method of `CheqpointClient`, `guard` or `langchain_tool`; calls run side by side. */
  call(method: string, args: object, key?: string): Promise<SdkAnswer>;
  stop(): void;
};

/**
 * Installs packages into a folder of the system's temporary one, where the next run finds them.
 * @throws Error when pip fails.
 */
async function installed(packages: readonly string[]): Promise<string> {
  // Wheels differ by Python's version, which pip's own line has at its end.
  const python = /\(python ([\d.]+)\)/.exec(pip.stdout)?.[1] ?? 'any';
  const folder = join(tmpdir(), `holdpoint-python-${python}-${packages.join('-').replaceAll('=', '')}`);
  if (existsSync(folder)) return folder;
  const fresh = mkdtempSync(`${folder}-`);
  await promisify(execFile)('python3', ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-warn-script-location', '--target', fresh, ...packages], { maxBuffer: 16 * 1024 * 1024 });
  try {
    renameSync(fresh, folder);
  } catch {
    // Another run was first.
    rmSync(fresh, { recursive: true, force: true });
  }
  return folder;
}

/** Installs the packages, and starts a Python that makes calls at a review server. */
export async function startPythonSdk(packages: readonly string[], baseUrl: string, defaultKey: string): Promise<PythonSdk> {
  const child = spawn('python3', [fileURLToPath(new URL('driver.py', import.meta.url)), baseUrl], { env: { ...process.env, PYTHONPATH: await installed(packages), PYTHONDONTWRITEBYTECODE: '1' }, stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = new Map<number, { resolve: (answer: SdkAnswer) => void; reject: (error: Error) => void }>();
  createInterface(child.stdout).on('line', (line) => {
    const { number, ...answer } = JSON.parse(line) as SdkAnswer & { number: number };
    waiting.get(number)?.resolve(answer);
    waiting.delete(number);
  });
  child.once('exit', (code) => waiting.forEach(({ reject }) => reject(new Error(`Python ended with ${code}.`))));
  let calls = 0;
  return {
    call: (method, args, key = defaultKey) => new Promise((resolve, reject) => {
      calls += 1;
      waiting.set(calls, { resolve, reject });
      child.stdin.write(`${JSON.stringify([calls, key, method, args])}\n`);
    }),
    stop: () => void child.kill('SIGKILL'),
  };
}
