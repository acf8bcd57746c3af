import { Counter, Histogram, type Registry } from 'prom-client';
import { boundedLabel } from '@holdpoint/process';
import type { DecidedApproval } from '../store/read-waiting.ts';

/** Names of actions and groups come from requests and administrators: the first so many have series of their own. */
const mostActions = 100;
const mostGroups = 50;

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
const decideSeconds = [
  10,
  30,
  minute,
  2 * minute,
  5 * minute,
  15 * minute,
  hour,
  4 * hour,
  8 * hour,
  day,
  3 * day,
  7 * day,
];

/** Metrics of the review server that its work changes. */
export type ReviewMetrics = ReturnType<typeof createReviewMetrics>;

/** Registers the counters and times of the review server. */
export function createReviewMetrics(registry: Registry) {
  const registers = [registry];
  const tool = boundedLabel(mostActions);
  const group = boundedLabel(mostGroups);
  const decisions = new Counter({
    name: 'holdpoint_review_decisions_total',
    help: 'Decisions that this server made, by the group whose turn it was, and by who decided: person, rule or system.',
    labelNames: ['tool', 'group', 'decision', 'by'] as const,
    registers,
  });
  const timeToDecide = new Histogram({
    name: 'holdpoint_review_time_to_decide_seconds',
    help: 'Seconds from the request to the decision of a person.',
    labelNames: ['tool', 'group'] as const,
    buckets: decideSeconds,
    registers,
  });
  const attempts = new Histogram({
    name: 'holdpoint_review_delivery_seconds',
    help: 'Seconds of an attempt to deliver a decision or a notification. abandoned: the last attempt failed.',
    labelNames: ['kind', 'result'] as const,
    registers,
  });
  /** Pairs of tool and group whose series have begun. */
  const begun = new Set<string>();
  // A series that begins above 0 has no increase.
  for (const kind of ['decision', 'notification'])
    for (const result of ['received', 'failed', 'abandoned']) attempts.zero({ kind, result });
  return {
    tool,
    group,
    requests: new Counter({
      name: 'holdpoint_review_requests_total',
      help: 'HTTP requests answered.',
      labelNames: ['method', 'route', 'status'] as const,
      registers,
    }),
    seconds: new Histogram({
      name: 'holdpoint_review_request_seconds',
      help: 'Seconds until the answer began.',
      labelNames: ['method', 'route'] as const,
      registers,
    }),
    attempted: (attempt: {
      kind: 'decision' | 'notification';
      result: 'received' | 'failed' | 'abandoned';
      ms: number;
    }) => {
      attempts.observe({ kind: attempt.kind, result: attempt.result }, attempt.ms / 1000);
    },
    /** An approval waits, so decisions of people are to come. */
    awaited: begin,
    decided: (approval: DecidedApproval) => {
      const by = approval.reasonCode === 'person' || approval.reasonCode === 'rule' ? approval.reasonCode : 'system';
      const seconds = Math.max(0, Date.parse(approval.decidedAt) - Date.parse(approval.createdAt)) / 1000;
      for (const name of approval.groups) {
        const labels = { tool: tool(approval.action), group: group(name) };
        begin(labels);
        decisions.inc({ ...labels, decision: decisionOf(approval), by });
        if (by === 'person') timeToDecide.observe(labels, seconds);
      }
    },
  };

  /** Decisions of people begin at 0, so that the first one is an increase. */
  function begin(labels: { tool: string; group: string }): void {
    const key = JSON.stringify([labels.tool, labels.group]);
    if (begun.has(key)) return;
    begun.add(key);
    for (const decision of ['approved', 'edited', 'rejected']) decisions.inc({ ...labels, decision, by: 'person' }, 0);
    timeToDecide.zero(labels);
  }
}

function decisionOf({ status, reasonCode, edited }: DecidedApproval): string {
  if (status === 'APPROVED') return edited ? 'edited' : 'approved';
  return reasonCode === 'expired' || reasonCode === 'withdrawn' || reasonCode === 'superseded'
    ? reasonCode
    : 'rejected';
}
