import { afterAll, beforeAll, describe } from 'vitest';
import { KEY, startTestServer, type TestServer } from '../review-server/test-server.ts';
import { cheqpointContract } from './contract.ts';

describe('Cheqpoint’s contract, at the bundled review server', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer('sqlite::memory:');
  });
  afterAll(() => server.close());
  cheqpointContract(() => ({ url: server.url, key: KEY }));
});

/*
 * npm run test:cheqpoint, with a key of hosted Cheqpoint in TEST_CHEQPOINT_KEY: makes three requests there. The name is
 * not the product's own, so that npm test never reaches a real inbox by a key that happens to be set.
 */
const key = process.env['TEST_CHEQPOINT_KEY'];
describe.skipIf(!key)('Cheqpoint’s contract, at hosted Cheqpoint', () => {
  cheqpointContract(() => ({ url: process.env['TEST_CHEQPOINT_URL'] || 'https://app.cheqpoint.co', key: key ?? '' }));
});
