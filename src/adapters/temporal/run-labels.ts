import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import { escapeMarkdown } from '../../domain/markdown.ts';
import { searchAttributes } from '../../domain/wire-names.ts';
import type { NewRun } from '../../gateway/ports.ts';

/** What holds an open run up, `waiting` or `parked`; none on one that runs. The Workflow keeps it. */
export const stateKey = defineSearchAttributeKey(
  'HoldpointState' satisfies keyof typeof searchAttributes,
  searchAttributes.HoldpointState,
);
/** A run has it from its start. */
export const assistantKey = defineSearchAttributeKey(
  'HoldpointAssistant' satisfies keyof typeof searchAttributes,
  searchAttributes.HoldpointAssistant,
);

export function startAttributes(assistant: string): TypedSearchAttributes {
  return new TypedSearchAttributes([{ key: assistantKey, value: assistant }]);
}

/** What lists need of a run beside its search attributes. */
export type RunMemo = { kind?: 'approval'; assistant: string; summary: string; inputDigest: string };

export function startMemo({
  assistant,
  input,
  inputDigest,
  approval,
}: Pick<NewRun, 'assistant' | 'input' | 'inputDigest' | 'approval'>): RunMemo {
  return { ...(approval && { kind: 'approval' as const }), assistant, summary: firstWords(input), inputDigest };
}

/** What Temporal's Web UI shows for the run: texts from outside, so nothing in them may be Markdown. */
export function startTexts({
  assistant,
  input,
  context,
  approval,
}: Pick<NewRun, 'assistant' | 'input' | 'context' | 'approval'>): { staticSummary: string; staticDetails: string } {
  const keys =
    typeof context === 'object' && context !== null && !Array.isArray(context) ? Object.keys(context).slice(0, 20) : [];
  return {
    staticSummary: cutToBytes(escapeMarkdown(firstWords(input)), 200),
    staticDetails: [
      approval
        ? `Approval of **${escapeMarkdown(approval.action)}**, asked for through the gateway.`
        : `Assistant **${escapeMarkdown(assistant)}**, started by the gateway.`,
      ...(keys.length > 0 ? [`Context: ${cutToBytes(escapeMarkdown(keys.join(', ')), 500)}`] : []),
    ].join('\n\n'),
  };
}

/** Characters of the input that lists show. */
const summaryLength = 100;

function firstWords(text: string): string {
  const words = text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  const characters = Array.from(words.slice(0, summaryLength * 4));
  return characters.length <= summaryLength ? words : `${characters.slice(0, summaryLength - 1).join('')}…`;
}

/** Cuts between characters; Temporal's documented limit of a summary is 200 bytes. */
function cutToBytes(text: string, bytes: number): string {
  let cut = '';
  for (const character of text) {
    if (Buffer.byteLength(cut + character) > bytes - 3) return `${cut.replace(/\\$/, '')}…`;
    cut += character;
  }
  return cut;
}
