import { RESERVED_DETAILS_KEY, type WireObject } from '@holdpoint/cheqpoint/wire';
import { isJsonObject, type Json } from '@holdpoint/json';
import { shownDigest, type ReviewerApproval } from '@holdpoint/review-server/contract';
import type { Approval } from '../client.ts';

/** A request as the commands show it: by the review server for a reviewer, else by the gateway. */
export type ShownApproval = Omit<Approval, 'state' | 'runId' | 'callKey' | 'request'> & {
  state: Approval['state'];
  /** Null for a request that no run of Holdpoint made. */
  runId: string | null;
  callKey: string | null;
  request: number | null;
  /** The assistant that owns the Connection Key. Unknown to the gateway. */
  connectionKeyOf?: string;
  /** The name that the asking program gives itself. */
  saysItIs?: string | null;
  justificationFrom?: ReviewerApproval['justificationFrom'];
  /** The earlier edit that was not taken, and its note. Only the review server shows it. */
  draft?: ReviewerApproval['draft'];
  claimedBy?: string | null;
  /** The decision on a closed request, as a sentence. */
  decided?: string;
};

/** A request of the review server. Its run, tool and number are those of Holdpoint's reserved key, where it has one. */
export function shownApproval(record: ReviewerApproval): ShownApproval {
  const { [RESERVED_DETAILS_KEY]: reserved, ...visible } = record.details;
  const ours: WireObject = isJsonObject(reserved) ? reserved : {};
  const context = isJsonObject(record.context) ? record.context : {};
  return {
    id: record.id,
    request: typeof ours['number'] === 'number' ? ours['number'] : null,
    kind: record.kind,
    reviewUrl: record.reviewUrl ?? null,
    waitingSince: record.createdAt,
    deadlineAt: record.expiresAt,
    possiblyTwo: false,
    state: record.status === 'PENDING' ? 'waiting' : 'done',
    runId: text(ours['run']),
    assistant: record.assistant,
    saysItIs: record.agentName,
    callKey: text(ours['callKey']),
    tool: text(ours['tool']) ?? record.action,
    arguments: (record.kind === 'outcome' ? (context['arguments'] ?? visible) : visible) as Json,
    summary: record.summary,
    riskLevel: record.riskLevel,
    riskReason: record.riskReason,
    justification: record.justification,
    justificationFrom: record.justificationFrom,
    draft: record.draft,
    context: record.kind === 'outcome' ? null : (record.context as Json),
    shown: shownDigest(record),
    connectionKeyOf: record.assistant,
    ...(record.questions.length > 0 && { questions: record.questions }),
    claimedBy: record.claim?.by ?? null,
    ...(record.status !== 'PENDING' && {
      decided: `${record.status.toLowerCase()}${record.edited ? ' with changes' : ''} by ${record.decidedBy ?? `the system (${record.decisionReasonCode})`} at ${record.decidedAt}`,
    }),
  };
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
