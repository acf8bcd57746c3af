import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { serveHttp } from '@holdpoint/process';
import { freePort } from '../../src/embedded/free-port.ts';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDataConverter } from '../../src/adapters/temporal/data-converter.ts';
import { createJsonCodec } from '../../src/adapters/temporal/json-codec.ts';
import { createPayloadCodec } from '../../src/adapters/temporal/payload-codec.ts';
import type { TemporalServer } from '../../src/embedded/temporal-server.ts';
import { codecSessionMs, createCodecSessions, localUiToken } from '../../src/signing/codec-session.ts';
import { startChromium } from '../support/chromium.ts';
import { oldKey } from '../support/payload-keys.ts';
import { startOwnTemporal, temporalProgram } from '../support/temporal.ts';
import { apiKey, testGateway } from './test-gateway.ts';

/* Temporal's own UI and CLI ask the gateway. The UI is on another origin: another port of this machine. */

const namespace = 'default';
const encryption = { keys: [oldKey] };
const secret = 'a secret of the tests with more than 32 characters';
const localToken = localUiToken(secret);
let temporal: TemporalServer;
let gateway: Awaited<ReturnType<typeof serveHttp>>;
let browser: Browser;
let client: Client;
const workflowId = `in-the-ui-${randomUUID()}`;
let runPage: string;

beforeAll(async () => {
  const uiPort = await freePort();
  const uiUrl = `http://127.0.0.1:${uiPort}`;
  const { app } = testGateway({
    codec: {
      codec: createJsonCodec(createPayloadCodec({ namespace, encryption })),
      uiUrl,
      sessions: createCodecSessions([secret], () => new Date()),
      sessionSeconds: codecSessionMs / 1000,
      localToken,
    },
  });
  gateway = await serveHttp({ fetch: app.fetch, host: '127.0.0.1', port: 0, setting: 'the gateway of the test' });
  temporal = await startOwnTemporal({
    uiPort,
    flags: ['--ui-codec-endpoint', `${gateway.url}/codec/local/${localToken}`],
  });
  const connection = await Connection.connect({ address: temporal.address });
  client = new Client({ connection, namespace, dataConverter: createDataConverter({ namespace, encryption }) });
  const { firstExecutionRunId } = await client.workflow.start('nothing', {
    workflowId,
    taskQueue: 'nobody',
    args: [{ words: 'marker-input' }],
  });
  runPage = `${uiUrl}/namespaces/${namespace}/workflows/${workflowId}/${firstExecutionRunId}/history`;
  browser = await startChromium();
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await client?.connection.close();
  await temporal?.stop();
  await gateway?.close();
});

const cli = async (...more: string[]) =>
  await promisify(execFile)(await temporalProgram(), [
    'workflow',
    'show',
    '-w',
    workflowId,
    '--output',
    'json',
    '--address',
    temporal.address,
    ...more,
  ]).then(({ stdout }) => stdout);
/** What a page of the UI's origin gets from the gateway. */
const asked = async (page: Awaited<ReturnType<Browser['newPage']>>) =>
  await page.evaluate(
    async ([url]) => {
      const response = await fetch(`${url}/codec/decode?preserveStorageRefs=true`, {
        method: 'POST',
        credentials: 'include',
        headers: { 'content-type': 'application/json', 'x-namespace': 'default' },
        body: '{}',
      }).catch(() => undefined);
      return response?.status ?? 'refused';
    },
    [gateway.url],
  );

describe('codec of the gateway', { timeout: 120_000 }, () => {
  it("UI of Temporal's dev server with the address that dev gives it → shows the decrypted input", async () => {
    const page = await browser.newPage();
    const answers: string[] = [];
    page.on('response', (response) => {
      const { pathname } = new URL(response.url());
      if (pathname.startsWith('/codec/')) answers.push(`${response.request().method()} ${response.status()}`);
    });
    await page.goto(runPage);
    await page.getByText('marker-input').first().waitFor({ timeout: 90_000 });
    expect(answers).toContain('POST 200');
    await page.close();
  });

  it('page of the UI’s origin → 401, and after a sign-in by keyboard 200; a page of another origin → refused', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(runPage);
    expect(await asked(page)).toBe(401);
    const signIn = await context.newPage();
    await signIn.goto(`${gateway.url}/codec/sign-in`);
    await signIn.locator('#key:focus').waitFor();
    await signIn.keyboard.type(apiKey);
    await signIn.keyboard.press('Enter');
    await signIn.getByRole('status').waitFor();
    expect(await asked(page)).toBe(200);
    const other = await context.newPage();
    // Another origin of the same site, so the cookie comes along.
    await other.goto(`http://127.0.0.1:${new URL(gateway.url).port}/healthz`.replace('127.0.0.1', 'localhost'));
    expect(await asked(other)).toBe('refused');
    await signIn.getByRole('button', { name: 'Sign out' }).click();
    await signIn.getByLabel('API key with the permission decode').waitFor();
    expect(await asked(page)).toBe(401);
    await context.close();
  });

  it('CLI with --codec-endpoint and --codec-auth → decrypted events, also those without a value', async () => {
    const words = Buffer.from(JSON.stringify({ words: 'marker-input' })).toString('base64');
    expect(await cli()).not.toContain(words);
    const endpoint = ['--codec-endpoint', `${gateway.url}/codec`];
    const shown = await cli(...endpoint, '--codec-auth', `Bearer ${apiKey}`);
    expect(shown).toContain(words);
  });
});
