import type { OutboxTable } from './tables.ts';

/** A delivery leased to this process. */
export type DueDelivery = Pick<
  OutboxTable,
  'id' | 'kind' | 'approval_id' | 'url' | 'body' | 'attempts' | 'attempts_before_resend' | 'tried_since'
>;
