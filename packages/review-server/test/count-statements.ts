import { Query } from 'pg';
import { vi } from 'vitest';

/**
 * The statements that this process sends to PostgreSQL while `work` runs. Each is one round trip. `about`: only those
 * with one of these values. Default: all.
 */
export async function statementsOf(work: () => Promise<unknown>, about?: readonly unknown[]): Promise<string[]> {
  // For this call only: files that share a process share this module, and a file's end takes its spies back.
  const submit = vi.spyOn(Query.prototype, 'submit');
  try {
    await work();
    const sent = submit.mock.contexts as unknown as readonly { text: string; values?: readonly unknown[] }[];
    return sent
      .filter(({ values = [] }) => about === undefined || about.some((one) => values.includes(one)))
      .map(({ text }) => text);
  } finally {
    submit.mockRestore();
  }
}
