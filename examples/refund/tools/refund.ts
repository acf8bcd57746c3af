import { defineTool } from 'holdpoint';
import { z } from 'zod';

export const refund = defineTool({
  name: 'refund',
  description: 'Pay a customer back.',
  parameters: z.object({ order: z.string(), amount: z.number().positive() }),
  // An attempt that was interrupted is repeated with the same key. Your payment provider must pay once for a key.
  effect: 'idempotent',
  review: {
    // A person decides about more than 50. Smaller refunds run at once.
    when: ({ amount }) => amount > 50,
    summary: ({ order, amount }) => `Refund ${amount} for order ${order}`,
    risk: ({ amount }) => (amount > 500 ? 'high' : 'medium'),
    expiresIn: '3 days',
  },
  execute: async ({ order, amount }, { idempotencyKey }) => {
    // Call your payment provider here, and pass it the key.
    console.log(`Refunding ${amount} for order ${order} (key ${idempotencyKey})`);
    return { order, refunded: amount };
  },
});
