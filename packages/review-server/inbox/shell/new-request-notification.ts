import type { QueryClient } from '@tanstack/react-query';
import { literalTitle } from '../../src/contract/literal-parts.ts';
import { approvalQuery } from '../api/queries.ts';

const newMs = 60_000;

/** Shows a notification for a new request. It leaves out the arguments, since others may see the screen. */
export async function notifyOf(id: string, client: QueryClient, open: () => void): Promise<void> {
  const { status, action, assistant, riskLevel, createdAt } = await client.fetchQuery(approvalQuery(id));
  if (status !== 'PENDING' || Date.now() - Date.parse(createdAt) > newMs) return;
  const notification = new Notification('A request needs review', {
    body: literalTitle(`${action} · Requested by ${assistant} · Risk: ${riskLevel}`),
    tag: id,
  });
  notification.addEventListener('click', () => {
    window.focus();
    notification.close();
    open();
  });
}
