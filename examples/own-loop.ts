import { createClient } from 'holdpoint/client';

/*
 * A loop of one's own: no model, no framework, no Temporal. Refunds above 50 go to a person. Kill this program while it
 * waits and start it again with the same batch: it asks nobody twice, and goes on with what was decided meanwhile.
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

/** The provider that pays would be called here, with a key of the same kind, so that it pays once. */
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
  // What was approved may be less than what was asked for: it fits the schema above.
  if (decision.outcome === 'approved') console.log(pay(decision.details as Refund));
  else console.log(`${refund.order}: ${decision.outcome}`);
}
