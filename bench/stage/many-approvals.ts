import { randomInt } from 'node:crypto';
import { openReviewDatabase } from '../../packages/review-server/src/store/database.ts';
import { fillApprovals } from '../../test/support/fill-approvals.ts';

const words =
  'refund order customer newsletter invoice payment transfer account berlin london paris supplier contract shipment delay apology weekly update maintenance system template recipient subject greeting escalation ticket urgent archive export import backup restore deploy rollback'.split(
    ' ',
  );
const assistants = 200;
/** Number of newest approvals that wait for a person. */
const pendingShare = 0.05;

/**
 * Fills an empty database with approvals of 200 assistants, 40 actions and four risks, 90 words each. Two contain
 * "zebraxylophone", the oldest twentieth contains "longago".
 */
export async function fillWithApprovals(
  databaseUrl: string,
  count: number,
  onMade: (made: number) => void,
): Promise<void> {
  const { kysely } = await openReviewDatabase(databaseUrl, () => {});
  await kysely
    .insertInto('assistants')
    .values(Array.from({ length: assistants }, (_, index) => ({ id: `asst_${index}`, name: `assistant-${index}` })))
    .execute();
  await kysely.destroy();
  await fillApprovals(databaseUrl, count, {
    onMade,
    approval: (number) => ({
      assistant_id: `asst_${randomInt(assistants)}`,
      action: `action_${randomInt(40)}`,
      summary: sentence(10),
      justification: sentence(12),
      risk_level: any(['low', 'medium', 'high', 'critical']),
      details: JSON.stringify({
        subject: sentence(6),
        body: sentence(60),
        note: `${number % (count / 2) === 7 ? 'zebraxylophone' : ''} ${number < count / 20 ? 'longago' : ''}`,
      }),
      pending: number >= count * (1 - pendingShare),
    }),
  });
}

function any<Item>(items: readonly Item[]): Item {
  return items[randomInt(items.length)] as Item;
}

function sentence(length: number): string {
  return Array.from({ length }, () => any(words)).join(' ');
}
