import { z } from 'zod';
import type { ModelSurface, TranscriptEntry, Transcripts, TurnReply } from '../../activities/ports.ts';
import type { Assistant } from '../../assistant/assistant.ts';
import { defineTool } from '../../assistant/define-tool.ts';
import type { ConversationRef } from '../../domain/conversation.ts';
import { ModelFailure } from '../../domain/model-failure.ts';
import { droppable, readWithout } from './refused-settings.ts';
import { createSurfaces } from './surfaces.ts';
import type { ResponsesSurfaceOptions } from './responses/responses-surface.ts';

/** A difference between a model server and OpenAI, with the setting that avoids the failed request, if there is one. */
export type Oddity = { found: string; setting?: string };

export type Probe =
  /** `called`: the model called a tool. */
  | { ok: true; called: boolean; oddities: Oddity[] }
  /** `failure`: why the model can't be used as the assistant is defined. */
  | { ok: false; failure: string; oddities: Oddity[] };

const probeTool = defineTool({
  name: 'holdpoint_probe',
  description: 'Answers a test. Call it with the word "ready".',
  parameters: z.object({ word: z.string() }),
  effect: 'idempotent',
  review: 'never',
  execute: () => null,
});

const instructions =
  'This is a test of the connection. Call the tool holdpoint_probe once, with the word "ready". After its output answer with one word.';

type ProbeOptions = Omit<ResponsesSurfaceOptions, 'transcripts' | 'log'>;

/**
 * Takes two turns with an assistant's model and settings, as a run does: one small tool call, then its output. The
 * assistant's own tools are offered, so the server checks their schemas too. They are never run.
 */
export async function probeModel(assistant: Assistant, options: ProbeOptions): Promise<Probe> {
  const probe = await tryModel(assistant, options);
  if (probe.ok || !probe.failure.startsWith('ModelRequestRefused')) return probe;
  // The refusal names no setting that a run could leave out, so each one is left out in turn.
  for (const [found, setting, changed] of variations(assistant)) {
    const again = await tryModel(changed, options);
    if (again.ok) return { ...probe, oddities: [...again.oddities, { found, setting }] };
  }
  return probe;
}

/** The settings that a server may refuse without naming them: the finding, the setting, and the assistant with it. */
function* variations(assistant: Assistant): Generator<[found: string, setting: string, changed: Assistant]> {
  const { modelSettings, tools } = assistant;
  for (const field of Object.keys(modelSettings)) {
    const { [field]: _left, ...others } = modelSettings;
    yield [
      `the server refuses modelSettings.${field}`,
      `modelSettings without ${field}`,
      { ...assistant, modelSettings: others },
    ];
  }
  const refuses = (name: string) => `the server refuses "${name}" without naming it`;
  if (assistant.strict !== null) yield [refuses('strict'), droppable.strict, { ...assistant, strict: null }];
  if (assistant.parallelToolCalls !== null)
    yield [refuses('parallel_tool_calls'), droppable.parallel_tool_calls, { ...assistant, parallelToolCalls: null }];
  if (assistant.store === true) yield [refuses('store'), droppable.store, { ...assistant, store: null }];
  yield [refuses('metadata'), droppable.metadata, { ...assistant, leavesOut: [...assistant.leavesOut, 'metadata'] }];
  if (assistant.background) yield [refuses('background'), droppable.background, { ...assistant, background: null }];
  if (tools.length > 0)
    yield [
      "the server refuses the schema of one of the assistant's tools",
      'simpler parameters',
      { ...assistant, tools: [] },
    ];
}

async function tryModel(assistant: Assistant, options: ProbeOptions): Promise<Probe> {
  const surface = createSurfaces({ ...options, transcripts: transcriptsInMemory() })(assistant);
  const probed: Assistant = {
    ...assistant,
    tools: [...assistant.tools.slice(0, 127), probeTool],
    instructions: assistant.assistantId === null ? instructions : null,
    conversation: assistant.conversation === null ? null : 'run',
    thread: null,
  };
  const oddities: Oddity[] = [];
  let conversation: ConversationRef | null = null;
  try {
    const first = await take(surface, probed, 1, null, { outputs: [], messages: ['Call holdpoint_probe now.'] });
    conversation = first.conversation;
    oddities.push(...oddCalls(first, probed));
    const { outcome } = first;
    const second = await take(surface, probed, 2, conversation, {
      outputs: outcome.type === 'calls' ? outcome.calls.map(({ callId }) => ({ callId, output: 'ready' })) : [],
      messages: outcome.type === 'calls' ? [] : ['Thank you.'],
    });
    conversation = second.conversation;
    return { ok: true, called: outcome.type === 'calls', oddities: [...oddities, ...remembered(conversation)] };
  } catch (error) {
    if (!(error instanceof ModelFailure)) throw error;
    return {
      ok: false,
      failure: `${error.type}: ${error.message}`,
      oddities: [...oddities, ...remembered(conversation)],
    };
  }
}

async function take(
  surface: ModelSurface,
  assistant: Assistant,
  turn: number,
  conversation: ConversationRef | null,
  input: { outputs: Array<{ callId: string; output: string }>; messages: string[] },
): Promise<TurnReply> {
  return await surface.takeTurn({
    assistant,
    runId: 'holdpoint-doctor',
    firstRunId: 'holdpoint-doctor',
    context: null,
    turn,
    conversation,
    input,
    signal: AbortSignal.timeout(120_000),
    onDelta: () => undefined,
    resumeFrom: null,
    checkpoint: async () => undefined,
  });
}

function oddCalls({ outcome }: TurnReply, { tools }: Assistant): Oddity[] {
  if (outcome.type === 'answer')
    return [{ found: 'the model answered without calling the tool: use a model that calls tools' }];
  return outcome.calls.flatMap(({ name, arguments: written }): Oddity[] => {
    if (/^\s*(null\s*)?$/.test(written)) return [{ found: 'a call had no arguments, which count as {}' }];
    if (!isObjectText(written))
      return [{ found: `the arguments of a call are not a JSON object: ${written.slice(0, 80)}` }];
    return tools.some((tool) => tool.name === name)
      ? []
      : [{ found: `the model called "${name}", which it was not offered` }];
  });
}

/** The findings that a run would keep in its state. */
function remembered(conversation: ConversationRef | null): Oddity[] {
  const { continuing, without } = conversation?.surface ?? {};
  const oddities: Oddity[] = [...readWithout(without)].map((name) => ({
    found: `the server refuses "${name}"`,
    setting: droppable[name],
  }));
  if (continuing === 'off')
    oddities.unshift({ found: 'the server does not continue a response by its id', setting: 'chain: false' });
  if (continuing === 'lost')
    oddities.unshift({ found: 'the server did not store its last response', setting: 'chain: false' });
  return oddities;
}

function isObjectText(written: string): boolean {
  try {
    const value: unknown = JSON.parse(written);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function transcriptsInMemory(): Transcripts {
  const entries = new Map<string, TranscriptEntry>();
  return {
    append: async (entry) => {
      entries.set(entry.id, entry);
      return { entry: entry.id, digest: '', bytes: 0 };
    },
    read: async (id) => {
      const chain: TranscriptEntry[] = [];
      for (let entry = entries.get(id); entry; entry = entries.get(entry.parent ?? '')) chain.unshift(entry);
      return chain;
    },
    newestOf: async () => [],
    get: async (id) => entries.get(id),
  };
}
