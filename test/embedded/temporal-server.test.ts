import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { missingAttributes, registerSearchAttributes } from '../../src/adapters/temporal/search-attributes.ts';
import { startTemporalServer } from '../../src/embedded/temporal-server.ts';
import { startOwnTemporal, startTestTemporal, temporalProgram } from '../support/temporal.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'holdpoint-temporal-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const alive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('the embedded Temporal server', () => {
  let program: string;
  beforeAll(async () => {
    program = await temporalProgram();
  });

  it("start → has Holdpoint's search attributes", async () => {
    const { connection, namespace } = await startTestTemporal();
    expect(await missingAttributes(connection, namespace)).toEqual([]);
  });

  it('SIGKILL → state kept in a file', async () => {
    const dbFilename = join(folder, 'made', 'temporal.db');
    const first = await startOwnTemporal({ dbFilename });
    const before = await Connection.connect({ address: first.address });
    await new Client({ connection: before }).workflow.start('nothing', { workflowId: 'kept', taskQueue: 'nobody' });
    await before.close();
    await first.kill();
    const second = await startOwnTemporal({ dbFilename });
    const after = await Connection.connect({ address: second.address });
    const { status } = await new Client({ connection: after }).workflow.getHandle('kept').describe();
    await after.close();
    await second.stop();
    expect(status.name).toBe('RUNNING');
    expect(alive(second.pid)).toBe(false);
  });

  it('web UI → at the printed address', async () => {
    const server = await startOwnTemporal({ uiPort: 0 });
    expect((await fetch(server.uiUrl ?? '')).status).toBe(200);
    await server.stop();
  });

  it('another Temporal server on its port → not mistaken for its own', async () => {
    const { address } = await startTestTemporal();
    await expect(startOwnTemporal({ port: Number(address.split(':')[1]) })).rejects.toThrow(
      /can't listen on 127.0.0.1:\d+: .*EADDRINUSE/,
    );
  });

  it('parent ends, also by SIGKILL → the server ends', async () => {
    const source = `
      const { startTemporalServer } = await import(${JSON.stringify(new URL('../../src/embedded/temporal-server.ts', import.meta.url).href)});
      console.log((await startTemporalServer({ program: ${JSON.stringify(program)} })).pid);
    `;
    const parent = spawn(process.execPath, ['--input-type=module', '--conditions=holdpoint-source', '-e', source], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    expect(alive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await vi.waitUntil(() => !alive(pid), { timeout: 20_000 });
  });

  it('server does not start → an error with its last output', async () => {
    await expect(startTemporalServer({ program, flags: ['--dynamic-config-value', 'nonsense'] })).rejects.toThrow(
      /did not start on 127[^]*dynamic config/i,
    );
  });

  it('until it listens → its port accepts connections', async () => {
    const server = await startOwnTemporal({ until: 'listening' });
    const [host, port] = server.address.split(':');
    const socket = connect(Number(port), host);
    await expect(once(socket, 'connect')).resolves.toEqual([]);
    socket.destroy();
    await server.stop();
  });

  it('until it listens, and it ends before → an error with its last output', async () => {
    const silent = join(folder, 'silent');
    writeFileSync(silent, '#!/bin/sh\necho "no server here" >&2\nexit 3\n', { mode: 0o755 });
    await expect(startTemporalServer({ program: silent, until: 'listening' })).rejects.toThrow(
      /did not start on 127[^]*no server here/,
    );
  });

  it('missing program → error with its path', async () => {
    await expect(startTemporalServer({ program: join(folder, 'nothing') })).rejects.toThrow(
      `${join(folder, 'nothing')} can't be started`,
    );
  });
});

describe('search attributes on a foreign server', () => {
  /** A new namespace, which has none. */
  const namespaceWithout = async (name: string) => {
    const { connection, address } = await startTestTemporal();
    await run(await temporalProgram(), ['operator', 'namespace', 'create', '--namespace', name, '--address', address]);
    await vi.waitUntil(async () => (await missingAttributes(connection, name).catch(() => [])).length > 0, {
      timeout: 20_000,
    });
    return { connection, address };
  };

  it('created twice → the second time changes nothing', async () => {
    const { connection } = await namespaceWithout('bare');
    expect((await registerSearchAttributes(connection, 'bare')).added).toContain('HoldpointState');
    expect(await missingAttributes(connection, 'bare')).toEqual([]);
    expect(await registerSearchAttributes(connection, 'bare')).toEqual({ added: [] });
  });

  it('created → a run with them can be started at once', async () => {
    const { connection } = await namespaceWithout('fresh');
    await registerSearchAttributes(connection, 'fresh');
    const { workflow } = new Client({ connection, namespace: 'fresh' });
    const started = await workflow.start('run', {
      taskQueue: 'none',
      workflowId: 'first',
      searchAttributes: { HoldpointState: ['turn'] },
    });
    expect(started.workflowId).toBe('first');
  });

  it('wrong type → refused with the remedy', async () => {
    const { connection, address } = await namespaceWithout('odd');
    await run(await temporalProgram(), [
      'operator',
      'search-attribute',
      'create',
      '--namespace',
      'odd',
      '--name',
      'HoldpointState',
      '--type',
      'Int',
      '--address',
      address,
    ]);
    await expect(registerSearchAttributes(connection, 'odd')).rejects.toThrow(
      'HoldpointState of namespace odd is not of type KEYWORD',
    );
  });
});
