import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import * as restate from '@restatedev/restate-sdk';
import type { Peer, World } from './peer.ts';

/* Restate: a handler that awaits an awakeable, then runs a side effect. Its server suspends it meanwhile. */

export async function createPeer({ server, folder, act }: World): Promise<Peer> {
  if (server === undefined) throw new Error('Restate needs its server.');
  const file = join(folder, 'awakeables');
  const known = new Map(
    existsSync(file)
      ? readFileSync(file, 'utf8')
          .trim()
          .split('\n')
          .map((line) => line.split(' ') as [string, string])
      : [],
  );
  const told = new Map<string, () => void>();
  const reviewed = restate.service({
    name: 'reviewed',
    handlers: {
      run: async (ctx: restate.Context, item: string) => {
        const { id, promise } = ctx.awakeable<string>();
        await ctx.run('publish', () => {
          appendFileSync(file, `${item} ${id}\n`);
          known.set(item, id);
          told.get(item)?.();
        });
        await promise;
        return await ctx.run('act', () => act(item));
      },
    },
  });
  const listening = createServer(restate.createEndpointHandler({ services: [reviewed], logger: () => {} }));
  const portFile = join(folder, 'port');
  // The server calls a registered address while runs wait, so the next process uses the same port.
  await new Promise<void>(
    (resolve) =>
      void listening.listen(existsSync(portFile) ? Number(readFileSync(portFile, 'utf8')) : 0, '127.0.0.1', resolve),
  );
  const { port } = listening.address() as AddressInfo;
  if (!existsSync(portFile)) {
    appendFileSync(portFile, String(port));
    await post(`${server.admin}/deployments`, { uri: `http://127.0.0.1:${port}` });
  }
  const json = JSON.stringify;
  return {
    async pause(item) {
      const published = new Promise<void>((resolve) => void told.set(item, resolve));
      await post(`${server.ingress}/reviewed/run/send`, item, { 'idempotency-key': item });
      await published;
    },
    decide: (item) => post(`${server.ingress}/restate/awakeables/${known.get(item)}/resolve`, 'approve'),
    async ended(item) {
      const answer = await fetch(`${server.ingress}/reviewed/run`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': item },
        body: json(item),
      });
      await answer.text();
    },
  };
}

async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  // A second decision finds the first one.
  if (!answer.ok && answer.status !== 404) throw new Error(`POST ${url}: ${answer.status} ${text}`);
}
