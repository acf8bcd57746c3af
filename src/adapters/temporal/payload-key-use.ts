import type { Client } from '@temporalio/client';
import { encryptedWith, type StoredPayload } from './payload-codec.ts';

/** Executions by the id of a payload key that wrote into them. One that two keys wrote into counts for both. */
export type PayloadKeyUse = {
  byKey: Map<string, { open: number; closed: number }>;
  executions: number;
  /** True if there were more executions than were read. */
  isPartial: boolean;
};

/** Histories that are read at the same time. */
const atOnce = 10;
const running = 1;

/**
 * Reads which payload keys the executions of the namespace need, open ones and those within Temporal's retention. It
 * decrypts nothing.
 */
export async function readPayloadKeyUse(
  { workflow, workflowService, options: { namespace } }: Client,
  { most }: { most: number },
): Promise<PayloadKeyUse> {
  const found: Array<{ workflowId: string; runId: string; isOpen: boolean }> = [];
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await workflowService.listWorkflowExecutions({
      namespace,
      pageSize: 500,
      ...(nextPageToken === undefined ? {} : { nextPageToken }),
    });
    for (const { execution, status } of page.executions)
      found.push({
        workflowId: execution?.workflowId ?? '',
        runId: execution?.runId ?? '',
        isOpen: Number(status) === running,
      });
    ({ nextPageToken } = page);
  } while (nextPageToken.length > 0 && found.length <= most);

  const byKey: PayloadKeyUse['byKey'] = new Map();
  const read = found.slice(0, most);
  const left = [...read];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let next = left.pop(); next !== undefined; next = left.pop()) {
        const { workflowId, runId, isOpen } = next;
        const history = await workflow.getHandle(workflowId, runId).fetchHistory();
        for (const id of keysIn(history)) {
          const counts = byKey.get(id) ?? { open: 0, closed: 0 };
          counts[isOpen ? 'open' : 'closed'] += 1;
          byKey.set(id, counts);
        }
      }
    }),
  );
  return { byKey, executions: read.length, isPartial: found.length > most };
}

/** The ids of the keys in all payloads of a message. */
function keysIn(message: unknown, keys = new Set<string>()): Set<string> {
  if (typeof message !== 'object' || message === null || message instanceof Uint8Array) return keys;
  if ('metadata' in message) {
    const id = encryptedWith(message as StoredPayload);
    if (id !== undefined) keys.add(id);
  }
  for (const inner of Object.values(message)) keysIn(inner, keys);
  return keys;
}
