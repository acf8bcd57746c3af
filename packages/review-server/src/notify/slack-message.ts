import { withoutReserved } from '@holdpoint/cheqpoint/wire-names';
import { toAnswer, type StoredApproval } from '../store/approval.ts';
import type { NotificationCause } from '../store/review-store.ts';

/**
 * The part of a request that a message shows beside requester, action, risk and link. @default 'nothing', since a chat
 * has more readers than reviewers
 */
export type NotificationContent = 'nothing' | 'summary' | 'arguments';

/** Chats cut or refuse long messages. */
const longestPart = 2500;

/**
 * A request that waits as the body of an incoming webhook in Slack's format, which Mattermost and others also accept.
 * https://docs.slack.dev/messaging/formatting-message-text
 */
export function slackMessage(
  approval: StoredApproval,
  reviewUrl: string,
  shows: NotificationContent,
  cause: NotificationCause = { kind: 'new' },
): string {
  const details = withoutReserved(toAnswer(approval).details);
  const parts = [
    `*${line(approval.assistant)}*${claimedName(approval)} ${verbs(cause)}: \`${line(approval.action).replaceAll('`', "'")}\`, risk ${line(approval.risk_level)}`,
    ...(approval.expires_at === null
      ? []
      : [`It expires at ${approval.expires_at.slice(0, 16).replace('T', ' ')} UTC.`]),
    ...(shows === 'nothing' ? [] : [`> ${line(approval.summary)}`]),
    ...(shows === 'arguments' ? [`\`\`\`${text(JSON.stringify(details, null, 2)).replaceAll('`', "'")}\`\`\``] : []),
    `<${reviewUrl}|Review it>`,
  ];
  return JSON.stringify({ text: parts.join('\n') });
}

function verbs(cause: NotificationCause): string {
  switch (cause.kind) {
    case 'new':
      return 'asks for a decision';
    case 'reminder':
      return 'still waits for a decision';
    case 'overdue':
      return 'waits for a decision that is overdue';
    case 'escalation':
      return `still waits for a decision, and *${line(cause.to)}* may decide now`;
  }
}

// The assistant of the Connection Key is known. The other name is a claim of its program.
function claimedName({ agent_name: name, assistant }: StoredApproval): string {
  return name === null || name === assistant ? '' : ` (says it is “${line(name)}”)`;
}

function line(value: string): string {
  return text(value.replaceAll(/\s+/g, ' '));
}

// Drops control, invisible and direction-changing characters and escapes Slack's three, so a request can't contain a
// link or a mention.
function text(value: string): string {
  const shown = value.length > longestPart ? `${value.slice(0, longestPart)} … (cut)` : value;
  return shown
    .replaceAll(/[^\P{C}\n]/gu, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
