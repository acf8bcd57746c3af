import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import { escapeMarkdown } from '../../domain/markdown.ts';
import { firstWords, startTexts } from '../../domain/run-texts.ts';
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
export function gatewayTexts({
  assistant,
  caller,
  input,
  context,
  approval,
}: Pick<NewRun, 'assistant' | 'caller' | 'input' | 'context' | 'approval'>): ReturnType<typeof startTexts> {
  const first = approval
    ? `Standalone approval of **${escapeMarkdown(approval.action)}**, requested by **${escapeMarkdown(caller)}** through the gateway.`
    : `Assistant **${escapeMarkdown(assistant)}**, started by **${escapeMarkdown(caller)}** through the gateway.`;
  return startTexts({ input, context, first });
}

/** The caller in a run's memo. Null for a run of an earlier version, or that no gateway started. */
export function callerIn(memo: Record<string, unknown> | undefined): string | null {
  const caller = memo?.['caller'];
  return typeof caller === 'string' && caller !== '' ? caller : null;
}

/** The first words of the input in a run's memo. */
export function summaryIn(memo: Record<string, unknown> | undefined): string {
  const summary = memo?.['summary'];
  return typeof summary === 'string' ? summary : '';
}
