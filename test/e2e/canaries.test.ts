import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { openE2eStage, type E2eStage } from './e2e-stage.ts';

/** A secret of each kind that the stack has, none like another, so that a leak names itself. */
const canaries = {
  secret: 'canary-mac-secret-0123456789abcdefghijklmnop',
  apiKey: 'hp_canary-api-key-0123456789abcdefghijklmnop',
  connectionKey: 'cq_canary-connection-key-0123456789abcdefgh',
  sessionSecret: 'canary-session-secret-0123456789abcdefghijk',
  reviewerPassword: 'canary-reviewer-password-0123456789abcdefg',
};

let stage: E2eStage;
let secrets: string[];
const histories: string[] = [];
const answers: string[] = [];

beforeAll(async () => {
  stage = await openE2eStage({
    prepare: (folder) => writeFileSync(join(folder, 'keys.json'), JSON.stringify(canaries), { mode: 0o600 }),
  });
  const { facts, signInUrl } = stage.stack;
  secrets = [
    ...Object.values(canaries),
    facts.reviewServer.reviewerToken as string,
    new URL(signInUrl as string).searchParams.get('token') as string,
  ];
  const approved = await stage.ask('approved');
  await stage.reviewer.decide((await stage.held(approved)).id, { decision: 'approve' });
  await approved.result({ signal: AbortSignal.timeout(60_000) });

  // Things that go wrong: the model's key is refused, the review server and Temporal are away, strangers knock.
  const refuse = await fetch(new URL('/__stand-in/faults', facts.openai.baseURL), {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${canaries.apiKey}` },
    body: JSON.stringify({ kind: 'invalid_api_key', message: `Incorrect API key provided: ${canaries.apiKey}.` }),
  });
  if (!refuse.ok) throw new Error(await refuse.text());
  const parked = await stage.ask('parked', 'Tell all customers about the downtime, please.');
  answers.push(
    JSON.stringify(
      await until('the run is parked', async () =>
        (await parked.get()).detail?.parked.length ? await parked.get() : undefined,
      ),
    ),
  );
  await stage.stack.reviewServer!.stop();
  const unreachable = await stage.ask('review-server-away');
  answers.push(
    JSON.stringify(
      await until('the request is tried', async () =>
        (await unreachable.get()).detail?.calls.some(({ state }) => state === 'requesting')
          ? await unreachable.get()
          : undefined,
      ),
    ),
  );
  await stage.stack.reviewServer!.start();
  await stage.held(unreachable);
  await parked.retry();
  await stage.held(parked);
  const { url } = facts.gateway;
  const wrongKey = { authorization: 'Bearer not-the-key' };
  for (const [address, headers] of [
    [`${url}/v1/runs`, wrongKey],
    [`${url}/callbacks/cheqpoint/forged`, {}],
    [`${url}/v1/runs/none`, { authorization: `Bearer ${canaries.apiKey}` }],
    [`${facts.reviewServer.url}/api/approvals/none`, { 'x-api-key': canaries.connectionKey }],
  ] as const) {
    answers.push(await (await fetch(address, { headers })).text());
  }
  for (const { id } of [approved, parked, unreachable])
    histories.push(historyToJSON(await stage.temporal.workflow.getHandle(id).fetchHistory()));
}, 180_000);
afterAll(async () => await stage?.close());

const leaksIn = (texts: readonly string[]) =>
  secrets.filter((secret) => texts.some((text) => containsSecret(text, secret)));

/** In plain, as base64 (payloads of a history), or percent-encoded (addresses). */
function containsSecret(text: string, secret: string): boolean {
  const inBase64 = [0, 1, 2].map((shift) =>
    Buffer.from(' '.repeat(shift) + secret)
      .toString('base64')
      .slice(4, -4),
  );
  return [secret, encodeURIComponent(secret), ...inBase64].some((form) => text.includes(form));
}

describe('secrets', () => {
  it('logs of every process → none', () => {
    const folder = join(stage.folder, 'logs');
    const logs = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
    expect(logs.join('').length).toBeGreaterThan(1000);
    expect(leaksIn([...logs, ...stage.lines])).toEqual([]);
  });

  it('history → none', () => {
    expect(histories.join('')).toContain('ModelAccessDenied');
    expect(leaksIn(histories)).toEqual([]);
  });

  it('memo, search attributes, details in Temporal → none', async () => {
    const shown: string[] = [];
    for await (const execution of stage.temporal.workflow.list())
      shown.push(JSON.stringify([execution.memo, execution.searchAttributes, execution.workflowId]));
    expect(shown.length).toBeGreaterThanOrEqual(3);
    expect(leaksIn(shown)).toEqual([]);
  });

  it('answers of gateway and review server, errors included → none', () => {
    expect(answers.length).toBeGreaterThanOrEqual(6);
    expect(leaksIn(answers)).toEqual([]);
  });

  it('requests in the inbox, addresses included → none', async () => {
    const { approvals } = await stage.client.approvals.list();
    const read = await Promise.all(approvals.map(({ id }) => stage.reviewer.read(id)));
    expect(read.length).toBeGreaterThanOrEqual(2);
    expect(leaksIn(read.map((each) => JSON.stringify(each)))).toEqual([]);
  });

  it('requests to the model → none', async () => {
    const { facts } = stage.stack;
    const requests = await (
      await fetch(new URL('/__stand-in/requests', facts.openai.baseURL), {
        headers: { authorization: `Bearer ${facts.gateway.apiKey}` },
      })
    ).text();
    expect(requests).toContain('/v1/responses');
    expect(leaksIn([requests])).toEqual([]);
  });

  it('requests of tools to other systems → none', async () => {
    expect(leaksIn([JSON.stringify(await stage.mail.log())])).toEqual([]);
  });
});

it('secrets: planted secret, in each of its forms → found by the search', () => {
  for (const secret of secrets) {
    for (const text of [
      `x${secret}y`,
      encodeURIComponent(`k=${secret}`),
      Buffer.from(`{"a":"${secret}"}`).toString('base64'),
    ])
      expect(leaksIn([text])).toEqual([secret]);
  }
});
