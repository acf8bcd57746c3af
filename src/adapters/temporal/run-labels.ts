import { isJsonObject } from '@holdpoint/json';
import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import { escapeMarkdown } from '../../domain/markdown.ts';
import { searchAttributes } from '../../domain/wire-names.ts';
import type { NewRun } from '../../gateway/ports.ts';

/** `waiting` or `parked`. Absent on a running run. The Workflow sets it. */
export const stateKey = defineSearchAttributeKey(
  'HoldpointState' satisfies keyof typeof searchAttributes,
  searchAttributes.HoldpointState,
);
/** Set when the run starts. */
export const assistantKey = defineSearchAttributeKey(
  'HoldpointAssistant' satisfies keyof typeof searchAttributes,
  searchAttributes.HoldpointAssistant,
);

/** Set when the run starts, for lists. The memo says who may see the run. */
const callerKey = defineSearchAttributeKey(
  'HoldpointCaller' satisfies keyof typeof searchAttributes,
  searchAttributes.HoldpointCaller,
);

export function startAttributes({ assistant, caller }: Pick<NewRun, 'assistant' | 'caller'>): TypedSearchAttributes {
  return new TypedSearchAttributes([
    { key: assistantKey, value: assistant },
    { key: callerKey, value: caller },
  ]);
}

/** Data for lists beside the search attributes. */
export type RunMemo = {
  kind?: 'approval';
  assistant: string;
  /** Absent on runs of earlier versions. */
  caller?: string;
  summary: string;
  inputDigest: string;
};

export function startMemo({
  assistant,
  caller,
  input,
  inputDigest,
  approval,
}: Pick<NewRun, 'assistant' | 'caller' | 'input' | 'inputDigest' | 'approval'>): RunMemo {
  return { ...(approval && { kind: 'approval' as const }), assistant, caller, summary: firstWords(input), inputDigest };
}

/** Texts for Temporal's Web UI. Markdown in them is escaped: they hold user input. */
export function startTexts({
  assistant,
  caller,
  input,
  context,
  approval,
}: Pick<NewRun, 'assistant' | 'caller' | 'input' | 'context' | 'approval'>): {
  staticSummary: string;
  staticDetails: string;
} {
  const keys = isJsonObject(context) ? Object.keys(context).slice(0, 20) : [];
  return {
    staticSummary: cutToBytes(escapeMarkdown(firstWords(input)), 200),
    staticDetails: [
      approval
        ? `Standalone approval of **${escapeMarkdown(approval.action)}**, requested by **${escapeMarkdown(caller)}** through the gateway.`
        : `Assistant **${escapeMarkdown(assistant)}**, started by **${escapeMarkdown(caller)}** through the gateway.`,
      ...(keys.length > 0 ? [`Context: ${cutToBytes(escapeMarkdown(keys.join(', ')), 500)}`] : []),
    ].join('\n\n'),
  };
}

/** Length of the summary in lists, in characters. */
const summaryLength = 100;

function firstWords(text: string): string {
  const words = text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  const characters = Array.from(words.slice(0, summaryLength * 4));
  return characters.length <= summaryLength ? words : `${characters.slice(0, summaryLength - 1).join('')}…`;
}

/** Cuts between characters. Temporal's limit of a summary is 200 bytes. */
function cutToBytes(text: string, bytes: number): string {
  let cut = '';
  for (const character of text) {
    if (Buffer.byteLength(cut + character) > bytes - 3) return `${cut.replace(/\\$/, '')}…`;
    cut += character;
  }
  return cut;
}

/** The caller in a run's memo. Null for a run of an earlier version, or that no gateway started. */
export function callerIn(memo: Record<string, unknown> | undefined): string | null {
  const caller = memo?.['caller'];
  return typeof caller === 'string' && caller !== '' ? caller : null;
}
