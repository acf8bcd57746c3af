import { html } from 'hono/html';
import type { ApprovalSummary } from '../../schemas/reviewer-api.ts';
import { layout, type Html } from './layout.ts';
import { literalText } from './literal-text.ts';
import { decisionText, readableTime } from './words.ts';

/** One page of the list. */
export interface ApprovalList {
  status: 'pending' | 'decided';
  approvals: ApprovalSummary[];
  nextCursor: string | null;
  pending: number;
  reviewer: string;
}

export function listPage({ status, approvals, nextCursor, pending, reviewer }: ApprovalList): Html {
  const heading = status === 'pending' ? `Needs you (${pending})` : 'Done';
  return layout({ title: status === 'pending' && pending > 0 ? `(${pending}) Needs you` : heading, reviewer, body: html`<h1>${heading}</h1>
${approvals.length === 0 ? html`<p class="dim">${status === 'pending' ? 'Nothing waits for a decision.' : 'Nothing was decided yet.'}</p>` : ''}
<ul class="cards">${approvals.map((approval) => html`
<li><a href="/approvals/${approval.id}">${literalText(approval.summary || approval.action)}</a><br>
<span class="tag">${literalText(approval.action)}</span><span class="tag risk-${riskClass(approval.riskLevel)}">risk: ${literalText(approval.riskLevel)}</span>
<span class="dim">${literalText(approval.agentName ?? approval.assistant)} · ${readableTime(approval.createdAt)}${approval.status === 'PENDING' ? (approval.expiresAt === null ? '' : ` · expires ${readableTime(approval.expiresAt)}`) : ''}</span>
${approval.status === 'PENDING' ? '' : html`<br><span class="tag ${approval.status}">${approval.status.toLowerCase()}</span> <span class="dim">${decisionText(approval)}</span>`}</li>`)}
</ul>
${nextCursor === null ? '' : html`<p><a href="/?status=${status}&amp;cursor=${encodeURIComponent(nextCursor)}">Older ones</a></p>`}` });
}

function riskClass(level: string): string {
  return ['low', 'medium', 'high', 'critical'].includes(level) ? level : 'other';
}
