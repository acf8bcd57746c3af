import { describe, expect, it } from 'vitest';
import type { AssistantDefinition } from '../../../../src/assistant/define-assistant.ts';
import type { Json, JsonObject } from '@holdpoint/json';
import { assistantsForTest, refundCall } from './assistants-for-test.ts';

const steps = [{ calls: [refundCall('7', 'call_1')] }, { text: 'Done.' }, { text: 'Again.' }];

/**
 * A server before the stand-in that refuses what `refuses` finds in a body; keeps the bodies of runs and assistants.
 */
function refusing(refuses: (body: JsonObject) => Json | undefined) {
  const bodies: JsonObject[] = [];
  const server: typeof fetch = async (input, init) => {
    const address = String(input instanceof Request ? input.url : input);
    if (init?.method !== 'POST' || !/\/(runs|assistants)$/.test(address)) return await fetch(input, init);
    const body = JSON.parse(init.body as string) as JsonObject;
    bodies.push(body);
    const refusal = refuses(body);
    return refusal === undefined ? await fetch(input, init) : Response.json({ error: refusal }, { status: 400 });
  };
  return { bodies, server };
}

describe('Assistants API: field that the server refuses', () => {
  it.each<[string, string, (body: JsonObject) => boolean, Partial<AssistantDefinition>]>([
    ['parallel_tool_calls', 'parallelToolCalls: undefined', (body) => 'parallel_tool_calls' in body, {}],
    ['strict', 'strict: undefined', (body) => JSON.stringify(body).includes('"strict":'), {}],
    [
      'tool_choice',
      'no modelSettings.tool_choice',
      (body) => 'tool_choice' in body,
      { modelSettings: { tool_choice: 'required' } },
    ],
  ])('%s', async (name, setting, sends, definition) => {
    const { bodies, server } = refusing((body) =>
      sends(body) ? { param: name, message: `'${name}' is not supported` } : undefined,
    );
    const said: string[] = [];
    const log = { info: () => undefined, warn: (_fields: object, text: string) => void said.push(text) };
    const run = await assistantsForTest(steps, definition, { fetch: server, log });
    expect((await run.take('Refund.')).outcome.type).toBe('calls');
    expect(await run.take({ outputs: [{ callId: 'call_1', output: 'ok' }], messages: [] })).toMatchObject({
      outcome: { text: 'Done.' },
    });
    await run.take('More.');
    expect(bodies.filter(sends)).toHaveLength(1);
    expect(said.filter((text) => text.includes(`Write ${setting}`))).toHaveLength(1);
  });

  it('parallelToolCalls, strict: undefined → nothing is sent', async () => {
    const { bodies, server } = refusing(() => undefined);
    const run = await assistantsForTest(steps, { parallelToolCalls: undefined, strict: undefined }, { fetch: server });
    await run.take('Refund.');
    expect(JSON.stringify(bodies)).not.toMatch(/"strict"|parallel_tool_calls/);
  });
});

it('Assistants API: tool_choice required, run that only carries outcomes → not sent', async () => {
  const { bodies, server } = refusing(() => undefined);
  const run = await assistantsForTest(steps, { modelSettings: { tool_choice: 'required' } }, { fetch: server });
  await run.take('Refund.');
  run.control.advanceClock(11 * 60_000);
  await run.take({ outputs: [{ callId: 'call_1', output: 'ok' }], messages: [] });
  expect(bodies.filter((body) => 'assistant_id' in body).map((body) => body['tool_choice'])).toEqual([
    'required',
    undefined,
  ]);
});
