import { afterAll, beforeAll, expect, it } from 'vitest';
import { ADMINISTRATORS, KEY, startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer('sqlite::memory:', { reviewers: ADMINISTRATORS });
});
afterAll(() => server.close());

const large = JSON.stringify({ name: 'x'.repeat(5_000_000) });

it.each([
  ['POST', '/api/webhooks/inbound'],
  ['POST', '/reviewer-api/session'],
  ['POST', '/reviewer-api/session/link'],
  ['PUT', '/reviewer-api/password'],
  ['POST', '/reviewer-api/users'],
  ['POST', '/reviewer-api/keys'],
  ['POST', '/reviewer-api/rules'],
  ['POST', '/reviewer-api/rules/try'],
  ['PUT', '/reviewer-api/assistants/comms'],
  ['POST', '/reviewer-api/approvals/decide'],
])('body of five megabytes, %s %s → 413, with and without its length', async (method, path) => {
  const headers = { 'x-api-key': KEY, ...(await server.bearer('ana')) };
  const statusOf = async (body: string | ReadableStream) =>
    // The server may close the connection before it has read everything.
    fetch(server.url + path, { method, headers, body, duplex: 'half' }).then(
      ({ status }) => status,
      () => 413,
    );
  expect(await statusOf(large)).toBe(413);
  expect(await statusOf(new Blob([large]).stream())).toBe(413);
});
