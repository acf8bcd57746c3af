import { createClient } from 'holdpoint/client';

/*
 * Approvals in your own loop: no model, no framework, no Temporal client. Refunds above 50 need a person's approval.
 * Kill this program while it waits and start it again with the same batch: it finds its requests and their decisions.
 */
const holdpoint = createClient({
  url: process.env['HOLDPOINT_GATEWAY_URL'] ?? 'http://127.0.0.1:7341',
  apiKey: process.env['HOLDPOINT_API_KEY'] ?? '',
});
const batch = process.argv[2] ?? 'today';

type Refund = { order: string; amount: number };
const refunds: Refund[] = [
  { order: 'A-17', amount: 20 },
  { order: 'A-18', amount: 800 },
  { order: 'A-19', amount: 90 },
];

/** Call your payment provider here, with an idempotency key, so that it pays once. */
function pay({ order, amount }: Refund): string {
  return `${order}: paid ${amount}`;
}

for (const refund of refunds) {
  if (refund.amount <= 50) {
    console.log(pay(refund));
    continue;
  }
  const approval = await holdpoint.approvals.request({
    idempotencyKey: `${batch}/${refund.order}`,
    action: 'refund',
    summary: `Refund ${refund.amount} for order ${refund.order}`,
    details: refund,
    argumentsSchema: {
      type: 'object',
      properties: {
        order: { const: refund.order },
        amount: { type: 'number', exclusiveMinimum: 0, maximum: refund.amount },
      },
      required: ['order', 'amount'],
      additionalProperties: false,
    },
    expiresIn: '3 days',
  });
  const decision = await approval.result();
  // The reviewer may have lowered the amount. The details always match argumentsSchema.
  if (decision.outcome === 'approved') console.log(pay(decision.details as Refund));
  else console.log(`${refund.order}: ${decision.outcome}`);
}
