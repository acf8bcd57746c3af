import { Client } from 'pg';
import { vi } from 'vitest';

const query = vi.spyOn(Client.prototype, 'query');

/** The statements that this process sends to PostgreSQL while `work` runs. Each is one round trip. */
export async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  const from = query.mock.calls.length;
  await work();
  return query.mock.calls.slice(from).map(([statement]) => textOf(statement));
}

function textOf(statement: unknown): string {
  return typeof statement === 'string' ? statement : (statement as { text: string }).text;
}
