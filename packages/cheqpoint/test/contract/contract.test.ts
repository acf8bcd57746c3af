import { afterAll, beforeAll, describe } from 'vitest';
import { requestedAt } from '../../../review-server/test/requested-at.ts';
import { KEY, startTestServer, type TestServer } from '../../../review-server/test/test-server.ts';
import { cheqpointContract, decidedContract } from './contract.ts';

describe('Cheqpoint contract, our review server', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer('sqlite::memory:');
  });
  afterAll(() => server.close());
  const service = () => ({ url: server.url, key: KEY });
  cheqpointContract(service);
  decidedContract(
    service,
    async (summary, decision) => void (await server.decide(await requestedAt(server, summary), decision)),
  );
});

/*
 * `npm run test:cheqpoint` with a key of hosted Cheqpoint in TEST_CHEQPOINT_KEY makes three requests there. With
 * TEST_CHEQPOINT_REVIEWER it makes three more, and a person decides them as their summaries say. The variables have
 * names of their own, so that `npm test` reaches no real inbox through a key in the environment.
 */
const key = process.env['TEST_CHEQPOINT_KEY'];
const hosted = () => ({ url: process.env['TEST_CHEQPOINT_URL'] || 'https://app.cheqpoint.co', key: key ?? '' });
describe.skipIf(!key)('Cheqpoint contract, hosted Cheqpoint', () => {
  cheqpointContract(hosted);
});
describe.skipIf(!key || !process.env['TEST_CHEQPOINT_REVIEWER'])(
  'Cheqpoint contract, hosted Cheqpoint with a reviewer',
  () => {
    decidedContract(hosted, async () => undefined, 15 * 60_000);
  },
);
