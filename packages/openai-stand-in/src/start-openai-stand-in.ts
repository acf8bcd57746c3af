import { serve, type ServerType } from '@hono/node-server';
import type { AddressInfo } from 'node:net';
import type { StandInControl } from './control.ts';
import { createOpenAIStandIn, type StandInOptions } from './create-openai-stand-in.ts';

export interface StartStandInOptions extends StandInOptions {
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
}

export interface OpenAIStandIn {
  /** For the client's `baseURL`; ends in `/v1`. */
  readonly url: string;
  readonly control: StandInControl;
  /** Lets go held requests, closes every connection and stops listening. */
  close(): Promise<void>;
}

function listening(server: ServerType): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', reject);
  });
}

/** Serves a stand-in for OpenAI's API over HTTP. Rejects with node's error when the port can't be had (`EADDRINUSE`). */
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
