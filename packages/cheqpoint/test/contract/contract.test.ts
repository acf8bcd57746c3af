import { afterAll, beforeAll, describe } from 'vitest';
import { askedAt } from '../../../review-server/test/asked-at.ts';
import { KEY, startTestServer, type TestServer } from '../../../review-server/test/test-server.ts';
import { cheqpointContract, decidedContract } from './contract.ts';

describe('Cheqpoint’s contract, at the bundled review server', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer('sqlite::memory:');
  });
  afterAll(() => server.close());
  const service = () => ({ url: server.url, key: KEY });
  cheqpointContract(service);
  decidedContract(
    service,
    async (summary, decision) => void (await server.decide(await askedAt(server, summary), decision)),
  );
});

/*
 * npm run test:cheqpoint, with a key of hosted Cheqpoint in TEST_CHEQPOINT_KEY: makes three requests there; three more
 * with TEST_CHEQPOINT_REVIEWER, for somebody who sits before the inbox and does what they say. The names are not the
 * product's own, so that npm test never reaches a real inbox by a key that happens to be set.
 */
const key = process.env['TEST_CHEQPOINT_KEY'];
const hosted = () => ({ url: process.env['TEST_CHEQPOINT_URL'] || 'https://app.cheqpoint.co', key: key ?? '' });
describe.skipIf(!key)('Cheqpoint’s contract, at hosted Cheqpoint', () => {
  cheqpointContract(hosted);
});
describe.skipIf(!key || !process.env['TEST_CHEQPOINT_REVIEWER'])(
  'Cheqpoint’s contract, at hosted Cheqpoint with a reviewer',
  () => {
    decidedContract(hosted, async () => undefined, 15 * 60_000);
  },
);
