import { Connection } from '@temporalio/client';
import { expect, it, onTestFinished } from 'vitest';
import { renewedConnection } from '../../../src/adapters/temporal/renewed-connection.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';
import { startTestTemporal } from '../../support/temporal.ts';

/** A connection whose first attempt to connect is accepted and then lost, and the answer to a call half a second later. */
async function lostAtConnect(kind: typeof Connection) {
  const { address } = await startTestTemporal();
  const proxy = await startTcpProxy(`http://${address}`);
  onTestFinished(() => proxy.close());
  proxy.blackHole();
  const connection = kind.lazy({ address: new URL(proxy.url).host });
  onTestFinished(() => connection.close());
  const call = () => connection.withDeadline(Date.now() + 500, () => connection.workflowService.getSystemInfo({}));
  await expect(call()).rejects.toThrow(/Deadline exceeded/);
  await proxy.heal();
  return { call, proxy };
}

it('server silent during the connection → the next attempt has a new connection', async () => {
  const { call, proxy } = await lostAtConnect(renewedConnection(1000));
  await expect
    .poll(() => call().then(({ serverVersion }) => serverVersion, String), { timeout: 20_000 })
    .toMatch(/^\d/);
  expect(proxy.connections()).toBe(2);
});

it('connection of the SDK alone → no new attempt', async () => {
  const { call, proxy } = await lostAtConnect(Connection);
  for (let attempt = 0; attempt < 4; attempt += 1) await expect(call()).rejects.toThrow(/Deadline exceeded/);
  expect(proxy.connections()).toBe(1);
});

it('server away, then back → the connection goes on', async () => {
  const { address } = await startTestTemporal();
  const proxy = await startTcpProxy(`http://${address}`);
  onTestFinished(() => proxy.close());
  const connection = await renewedConnection(1000).connect({ address: new URL(proxy.url).host });
  onTestFinished(() => connection.close());
  const call = () => connection.withDeadline(Date.now() + 2000, () => connection.workflowService.getSystemInfo({}));
  await proxy.refuse();
  await expect(call()).rejects.toThrow(/UNAVAILABLE|Deadline exceeded/);
  await proxy.heal();
  await expect
    .poll(() => call().then(({ serverVersion }) => serverVersion, String), { timeout: 20_000 })
    .toMatch(/^\d/);
});
