import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defineAssistant, defineConfig, defineTool, type ReviewBy } from '../../src/index.ts';
import { checkReviewGroups } from '../../src/worker/check-review-groups.ts';
import {
  ADMINISTRATORS,
  KEY,
  startTestServer,
  type TestServer,
} from '../../packages/review-server/test/test-server.ts';

const configOf = (by: ReviewBy | (() => ReviewBy), reviewBy?: ReviewBy) =>
  defineConfig({
    assistants: [
      defineAssistant({
        name: 'support',
        model: 'gpt-5',
        ...(reviewBy !== undefined && { reviewBy }),
        tools: [
          defineTool({
            name: 'refund',
            description: 'Refund a payment.',
            parameters: z.object({ amount: z.number() }),
            effect: 'idempotent',
            review: { by },
            execute: () => 'refunded',
          }),
        ],
      }),
    ],
  });

describe('groups of a config', () => {
  let server: TestServer;
  let other: Server;
  beforeAll(async () => {
    server = await startTestServer('sqlite::memory:', { reviewers: ADMINISTRATORS });
    const { authorization } = await server.bearer();
    for (const name of ['finance', 'legal'])
      await server.post('/reviewer-api/groups', { name }, { authorization: authorization! });
    other = createServer((_request, response) => response.writeHead(404).end('{"error":"no"}')).listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
  });
  afterAll(async () => {
    await server.close();
    await new Promise((resolve) => other.close(resolve));
  });
  const check = (config: ReturnType<typeof configOf>, baseUrl = server.url) =>
    checkReviewGroups({ config, cheqpoint: { connectionKey: KEY, baseUrl } });

  it('all known, in any letter case, or from a function → nothing to say', async () => {
    expect(await check(configOf([{ group: 'Finance', approvals: 2 }, 'legal']))).toEqual({ unknown: [] });
    expect(await check(configOf(() => 'finanec'))).toEqual({ unknown: [] });
  });

  it('unknown groups of a tool and of an assistant → named with the known ones', async () => {
    const { unknown } = await check(configOf('finanec', ['leagl']));
    expect(unknown).toEqual([
      expect.stringMatching(/reviewBy of the assistant "support" names the group "leagl".*finance, legal\. Correct/),
      expect.stringMatching(/review\.by of the tool "refund" names the group "finanec".*Admin, Groups/),
    ]);
  });

  it('service without groups → a warning that every reviewer decides there', async () => {
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    expect((await check(configOf('finance'), url)).warning).toMatch(/takes no groups.*every reviewer there may decide/);
  });

  it('service that is away → a warning, no refusal', async () => {
    expect(await check(configOf('finance'), 'http://127.0.0.1:1')).toMatchObject({
      unknown: [],
      warning: expect.stringContaining('could not be checked'),
    });
  });
});
