import { serve, type ServerType } from '@hono/node-server';
import type { AddressInfo } from 'node:net';
import type { StandInControl } from './control.ts';
import { createOpenAIStandIn, type StandInOptions } from './create-openai-stand-in.ts';

export type StartStandInOptions = StandInOptions & {
  /** 0 takes any free port. @default 0 */
  readonly port?: number;
  /** @default '127.0.0.1' */
  readonly host?: string;
};

export type OpenAIStandIn = {
  /** The client's `baseURL`. Ends in `/v1`. */
  readonly url: string;
  readonly control: StandInControl;
  /** Releases held requests, closes all connections and stops listening. */
  close(): Promise<void>;
};

function listening(server: ServerType): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', reject);
  });
}

/**
 * Serves a stand-in for OpenAI's API over HTTP.
 * @throws Error `EADDRINUSE` if another process uses the port.
 * @example
 * const standIn = await startOpenAIStandIn();
 * standIn.control.script({ steps: [{ calls: [{ name: 'refund', arguments: { amount: 20 } }] }, { text: 'Done.' }] });
 * const client = new OpenAI({ apiKey: 'any', baseURL: standIn.url });
 */
export async function startOpenAIStandIn({
  port = 0,
  host = '127.0.0.1',
  ...options
}: StartStandInOptions = {}): Promise<OpenAIStandIn> {
  const { app, control } = createOpenAIStandIn(options);
  const server = serve({ fetch: app.fetch, port, hostname: host });
  await listening(server);
  const address = server.address() as AddressInfo;
  const shownHost = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${shownHost}:${address.port}/v1`,
    control,
    close() {
      control.reset();
      return new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        if ('closeAllConnections' in server) server.closeAllConnections();
      });
    },
  };
}
