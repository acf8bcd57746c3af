import { Client } from 'pg';
import { vi } from 'vitest';

const query = vi.spyOn(Client.prototype, 'query');

/**
 * The statements that this process sends to PostgreSQL while `work` runs. Each is one round trip. `about`: only those
 * with one of these values. Default: all.
 */
export async function statementsOf(work: () => Promise<unknown>, about?: readonly unknown[]): Promise<string[]> {
  const from = query.mock.calls.length;
  await work();
  const sent: (readonly unknown[])[] = query.mock.calls.slice(from);
  return sent
    .filter(([, values]) => about === undefined || about.some((one) => Array.isArray(values) && values.includes(one)))
    .map(([text]) => String(text));
}
