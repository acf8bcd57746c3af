import { html } from 'hono/html';
import type { ReviewerApproval } from '../../schemas/reviewer-api.ts';
import { asksForOutcome, reservedPart, withoutReserved } from '../store/approval.ts';
import type { OutboxTable } from '../store/tables.ts';
import { decisionForms, type TypedDecision } from './decision-forms.ts';
import { layout, type Html } from './layout.ts';
import { literalText, literalTitle } from './literal-text.ts';
import { decisionText, readableTime, timeLeft } from './words.ts';

/** What the page shows. */
export interface ApprovalView {
  approval: Omit<ReviewerApproval, 'timeline' | 'deliveries'>;
  deliveries: Pick<OutboxTable, 'attempts' | 'last_problem' | 'delivered_at' | 'abandoned_at'>[];
  reviewer: string;
  now: Date;
  /** What went wrong with the last try, and what was typed in it. */
  problem?: string;
  typed?: TypedDecision;
}

export function approvalPage(view: ApprovalView): Html {
  const { approval, reviewer, now, problem, typed } = view;
  const reserved = reservedPart(approval.details);
  const pending = approval.status === 'PENDING';
  return layout({ title: literalTitle(approval.summary || approval.action), reviewer, body: html`
${problem === undefined ? '' : html`<div class="notice" role="alert">${literalText(problem)}</div>`}
${problem !== undefined && !pending && typed?.note ? html`<p class="dim">Your note was not sent:</p><blockquote>${literalText(typed.note)}</blockquote>` : ''}
<h1>${literalText(approval.summary || approval.action)}</h1>
<p><span class="tag ${approval.status}">${approval.status.toLowerCase()}</span><span class="tag risk-${['high', 'critical'].includes(approval.riskLevel) ? approval.riskLevel : 'other'}">risk: ${literalText(approval.riskLevel)}${approval.riskScore === null ? '' : ` (${approval.riskScore})`}</span>
${pending ? (approval.expiresAt === null ? '' : html`<span class="dim">${timeLeft(approval.expiresAt, now)}; then it closes as expired and is not carried out</span>`) : html`<span class="dim">${literalText(decisionText(approval))}</span>`}</p>
${approval.decisionNote === null ? '' : html`<h2>Note</h2><blockquote>${literalText(approval.decisionNote)}</blockquote>`}
<h2>${heading(approval)} ${literalText(approval.action)}</h2>
<pre dir="ltr">${literalText(JSON.stringify(withoutReserved(approval.details), null, 2))}</pre>
${approval.modifiedDetails === null ? '' : html`<h2>Changed by the reviewer to</h2><pre dir="ltr">${literalText(JSON.stringify(withoutReserved(approval.modifiedDetails), null, 2))}</pre>`}
${reserved?.['context'] === undefined ? '' : html`<h2>Context, for you only</h2><pre dir="ltr">${literalText(JSON.stringify(reserved['context'], null, 2))}</pre>`}
${approval.justification === null ? '' : html`<h2>${reserved?.['justificationFrom'] === 'model' ? 'Why, in the model’s own words (not checked by anyone)' : 'Why'}</h2><blockquote>${literalText(approval.justification)}</blockquote>`}
${pending ? decisionForms(approval, typed) : ''}
<h2>About this request</h2>
<dl><dt>Asked by</dt><dd>${literalText(approval.agentName ?? approval.assistant)}</dd>
<dt>Asked at</dt><dd>${readableTime(approval.createdAt)}</dd>
${approval.priority === null ? '' : html`<dt>Priority</dt><dd>${literalText(approval.priority)}</dd>`}
${approval.expiresAt === null ? '' : html`<dt>Expires at</dt><dd>${readableTime(approval.expiresAt)}</dd>`}
<dt>Id</dt><dd>${approval.id}</dd>
${link('Run', approval.runUrl)}${link('Workflow', approval.workflowUrl)}
${view.deliveries.map((delivery) => html`<dt>Told to the asker</dt><dd>${deliveryText(delivery)}</dd>`)}</dl>` });
}

function heading({ status, details }: ApprovalView['approval']): string {
  if (asksForOutcome(details)) return 'Did it happen?';
  return status === 'PENDING' ? 'Exactly this will be done:' : 'What was asked for:';
}

function link(name: string, address: string | null): Html | '' {
  return address === null ? '' : html`<dt>${name}</dt><dd><a href="${address}" rel="noopener noreferrer">${literalText(address)}</a></dd>`;
}

function deliveryText({ attempts, last_problem, delivered_at, abandoned_at }: ApprovalView['deliveries'][number]): Html {
  if (delivered_at !== null) return html`${readableTime(delivered_at)}${attempts > 1 ? `, at attempt ${attempts}` : ''}`;
  if (abandoned_at !== null) return html`given up after ${attempts} attempts: ${literalText(last_problem ?? '')}`;
  return html`not yet${attempts === 0 ? '' : html`, after ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}: ${literalText(last_problem ?? '')}`}`;
}
