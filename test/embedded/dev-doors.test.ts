import { request } from 'node:http';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createReviewerClient, signInReviewer } from '@holdpoint/review-server/contract';
import { processEnvironment } from '../../src/config/environment.ts';
import { devReviewer } from '../../src/embedded/dev-options.ts';
import { devKeys } from '../../src/embedded/dev-keys.ts';
import { startDevStack, type DevStack } from '../../src/embedded/dev-stack.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-doors-'));
const dataDir = join(folder, '.holdpoint');

/** The processes below this one, by /proc. */
function descendants(pid: number): number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const [, parent] = /^\d+ \(.*\) \S (\d+)/s.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? [];
        return Number(parent) === pid ? [Number(name)] : [];
      } catch {
        return [];
      }
    });
  return children.flatMap((child) => [child, ...descendants(child)]);
}

/** The addresses on which a process listens: `0100007F:1F90`, as the kernel writes them. */
function listening(pid: number): string[] {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  return ['tcp', 'tcp6'].flatMap((kind) =>
    readFileSync(`/proc/net/${kind}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === '0A' && sockets.has(inode!))
      .map(([, address]) => address!),
  );
}

describe.skipIf(process.platform !== 'linux')('holdpoint dev, umask 0', { timeout: 120_000 }, () => {
  let stack: DevStack;
  let umask: number;
  // Without a folder for compiled code, so that the stack makes its own.
  const { NODE_COMPILE_CACHE: _ours, ...environment } = processEnvironment();
  const start = () =>
    startDevStack({
      configFile: join(folder, 'holdpoint.config.ts'),
      dataDir,
      environment,
      portBase: 0,
      watch: false,
      log: () => {},
    });
  beforeAll(async () => {
    cpSync(fileURLToPath(new URL('../../examples/email-blast/', import.meta.url)), folder, { recursive: true });
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(fileURLToPath(new URL('../../node_modules/zod', import.meta.url)), join(folder, 'node_modules/zod'));
    mkdirSync(join(dataDir, 'logs'), { recursive: true });
    chmodSync(join(dataDir, 'logs'), 0o777);
    chmodSync(dataDir, 0o777);
    umask = process.umask(0);
    stack = await start();
  }, 120_000);
  afterAll(async () => {
    process.umask(umask);
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('data folder, keys, databases, logs and facts → for this user only, also where they were wider', () => {
    // Node writes its compiled code with the umask of its process, into a folder that others can't enter.
    const compiled = join(dataDir, 'compile-cache');
    const paths = [
      dataDir,
      ...readdirSync(dataDir, { recursive: true }).map((name) => join(dataDir, String(name))),
    ].filter((path) => !path.startsWith(join(compiled, '/')));
    const names = paths.map((path) => path.slice(dataDir.length + 1));
    expect(names).toEqual(
      expect.arrayContaining([
        'compile-cache',
        'keys.json',
        'running.json',
        'temporal.db',
        'review.db',
        'holdpoint.db',
      ]),
    );
    // A journal of SQLite may be gone by now.
    const modeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
    const wide = paths.filter((path) => (modeOf(path) & 0o077) !== 0 && !path.endsWith('.gitignore'));
    expect(wide).toEqual([]);
  });

  it('every listening socket → on 127.0.0.1', () => {
    const addresses = descendants(process.pid).flatMap(listening);
    // Temporal alone has its frontend, HTTP API, metrics and UI.
    expect(addresses.length).toBeGreaterThan(6);
    expect(addresses.filter((address) => !address.startsWith('0100007F:'))).toEqual([]);
  });

  it("Temporal's HTTP API and UI → a web page starts no Workflow, by any port", async () => {
    const ports = listening(stack.temporal!.pid!).map((address) => Number.parseInt(address.split(':')[1]!, 16));
    const body = JSON.stringify({ workflowType: { name: 'evil' }, taskQueue: { name: 'evil' } });
    const attack = (port: number, host: string) =>
      new Promise<string>((resolve) => {
        const sent = request(
          {
            host: '127.0.0.1',
            port,
            method: 'POST',
            path: `/api/v1/namespaces/default/workflows/evil-${port}`,
            headers: { host, origin: 'https://evil.example', 'content-type': 'text/plain' },
            timeout: 3000,
          },
          (response) => void response.toArray().then((parts) => resolve(Buffer.concat(parts as Buffer[]).toString())),
        );
        sent.on('timeout', () => sent.destroy());
        sent.on('error', (error) => resolve(error.message));
        sent.end(body);
      });
    for (const port of ports)
      for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `evil.example:${port}`, 'x.invalid'])
        expect([port, host, await attack(port, host)]).toEqual([port, host, expect.not.stringContaining('runId')]);
  });

  it('the user changes the own password in the inbox → the stack starts again, and its commands still work', async () => {
    const { url } = stack.facts.reviewServer;
    const { client } = await signInReviewer(url, devReviewer, devKeys(dataDir).reviewerPassword);
    await client.call('PUT /password', {
      body: { current: devKeys(dataDir).reviewerPassword, password: 'a password of my own' },
    });
    await stack.stop();
    stack = await start();
    const { reviewServer } = stack.facts;
    const commands = createReviewerClient({ url: reviewServer.url, token: reviewServer.reviewerToken! });
    expect((await commands.call('GET /session')).reviewer.roles).toContain('reviewer');
  });
});
