import type { SignInOptions } from '../../src/contract/sign-in-options.ts';
import type { Session } from '../../src/contract/session.ts';
import type { ReviewServerOptions } from '../../src/options.ts';
import { startServerProcess } from '../start-server-process.ts';
import { optionsFor, type TestServer } from '../test-server.ts';
import { startBalancer, type Balancer } from './balancer.ts';
import { createHttpBrowser, type HttpBrowser, type Visit } from './http-browser.ts';
import { startProvider, type ProviderSettings, type TestProvider } from './start-provider.ts';

/** Review servers of one database behind a balancer, and a provider on another site. */
export type Stage = {
  balancer: Balancer;
  provider: TestProvider;
  /** Address of the product. */
  url: string;
  /** Signs in by the form at the provider. Returns the last page. */
  signIn(browser: HttpBrowser, account: string, back?: string): Promise<Visit>;
  /** The sentence on the sign-in page. Null: no problem. */
  problemOf(visit: Pick<Visit, 'url'>): Promise<string | null>;
  /** The session of a browser. Undefined: signed out. */
  sessionOf(browser: HttpBrowser): Promise<Session | undefined>;
  /** Stops the provider and starts it again at the same address. */
  restartProvider(changes?: Partial<ProviderSettings>, whileAway?: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
};

export async function openStage(
  databaseUrl: string,
  {
    servers,
    provider: providerSettings = {},
    ...more
  }: Partial<ReviewServerOptions> & { servers: number; provider?: Partial<ProviderSettings> },
): Promise<Stage> {
  const balancer = await startBalancer();
  const productUrl = balancer.url;
  const provider = await startProvider({ productUrl, ...providerSettings });
  const options = optionsFor(databaseUrl, {
    publicUrl: productUrl,
    identityProvider: provider.options,
    ...more,
  });
  const started: TestServer[] = [];
  for (let count = 0; count < servers; count += 1) started.push(await startServerProcess(options));
  balancer.targets.push(...started.map(({ url }) => url));
  const read = async (browser: HttpBrowser, path: string) => {
    const { status, text } = await browser.send(productUrl + path);
    return { status, body: JSON.parse(text) as unknown };
  };
  const stage: Stage = {
    balancer,
    provider,
    url: productUrl,
    async signIn(browser, account, back = '/') {
      const form = await browser.follow(`${productUrl}/auth/start?back=${encodeURIComponent(back)}`);
      return browser.follow(form.url, { form: { account, answer: 'yes' } });
    },
    async problemOf({ url }) {
      const { search } = new URL(url);
      const { body } = await read(createHttpBrowser(), `/reviewer-api/sign-in${search}`);
      return (body as SignInOptions).problem;
    },
    async sessionOf(browser) {
      const { status, body } = await read(browser, '/reviewer-api/session');
      return status === 200 ? (body as Session) : undefined;
    },
    async restartProvider(changes = {}, whileAway) {
      await stage.provider.stop();
      await whileAway?.();
      const port = Number(new URL(provider.issuer).port);
      stage.provider = await startProvider({ productUrl, ...providerSettings, ...changes, port });
    },
    async close() {
      for (const server of started) await server.close();
      await stage.provider.stop();
      await balancer.close();
    },
  };
  return stage;
}
