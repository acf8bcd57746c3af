import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer } from '../test-server.ts';
import { startBalancer, type Balancer } from './balancer.ts';
import { createHttpBrowser } from './http-browser.ts';
import { startProvider } from './start-provider.ts';

const clocksDiffer =
  'The clocks of this server and of the identity provider differ by too much. Tell an administrator.';

let balancer: Balancer;
beforeAll(async () => void (balancer = await startBalancer()));
afterAll(() => balancer.close());

it.each<[seconds: number, problem: string | null]>([
  [-30, null],
  [30, null],
  [-600, clocksDiffer],
  [600, clocksDiffer],
])('provider whose clock is %d s away → %s', async (clockOffsetSeconds, problem) => {
  const { url } = balancer;
  const provider = await startProvider({ productUrl: url, clockOffsetSeconds });
  const server = await startTestServer('sqlite::memory:', { publicUrl: url, identityProvider: provider.options });
  balancer.targets.splice(0, 1, server.url);
  try {
    const browser = createHttpBrowser();
    const form = await browser.follow(`${url}/auth/start`);
    const end = await browser.follow(form.url, { form: { account: 'anna', answer: 'yes' } });
    const { text } = await browser.send(`${url}/reviewer-api/sign-in${new URL(end.url).search}`);
    expect(JSON.parse(text)).toMatchObject({ problem });
    expect((await browser.send(`${url}/reviewer-api/session`)).status).toBe(problem === null ? 200 : 401);
  } finally {
    await server.close();
    await provider.stop();
  }
});
