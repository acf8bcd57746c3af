import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionLike } from '@temporalio/client';
import { searchAttributes } from '../../domain/wire-names.ts';
import { isInvalidArgument } from './temporal-failure.ts';

// temporal.api.enums.v1.IndexedValueType.
const indexedValueType = { KEYWORD: 2, DATETIME: 6, KEYWORD_LIST: 7 } as const;

/**
 * Creates Holdpoint's missing search attributes and waits until the server shows and knows them all, so that the first
 * run can be started: a server knows them some seconds after it shows them. On Temporal Cloud, create them with `tcld`
 * or on its web page instead.
 * @throws Error when one exists with another type, or the server refuses.
 */
export async function registerSearchAttributes(
  connection: ConnectionLike,
  namespace: string,
): Promise<{ added: string[] }> {
  const missing = await missingAttributes(connection, namespace);
  if (missing.length === 0) return { added: [] };
  await connection.operatorService
    .addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map(([name, type]) => [name, indexedValueType[type]])),
    })
    .catch((error: unknown) => {
      // 6 is ALREADY_EXISTS: another process created them at the same time.
      if ((error as { code?: unknown }).code !== 6) throw error;
    });
  const deadline = Date.now() + 30_000;
  while ((await missingAttributes(connection, namespace)).length > 0 || !(await areKnown(connection, namespace))) {
    if (Date.now() > deadline)
      throw new Error(
        `The Temporal server accepted Holdpoint's search attributes for namespace ${namespace} and does not show them after 30 s. See its logs.`,
      );
    await sleep(200);
  }
  return { added: missing.map(([name]) => name) };
}

/** True if the server takes them in a query. It refuses them in a new run for as long as in a query. */
async function areKnown({ workflowService }: ConnectionLike, namespace: string): Promise<boolean> {
  const query = Object.keys(searchAttributes)
    .map((name) => `${name} is null`)
    .join(' and ');
  try {
    await workflowService.countWorkflowExecutions({ namespace, query });
    return true;
  } catch (error) {
    if (isInvalidArgument(error)) return false;
    throw error;
  }
}

/** Holdpoint's search attributes that the server lacks. @throws Error when one has another type. */
export async function missingAttributes(connection: ConnectionLike, namespace: string) {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const ours = Object.entries(searchAttributes);
  for (const [name, type] of ours) {
    const found = customAttributes[name];
    if (found !== undefined && found !== null && (found as number) !== indexedValueType[type]) {
      throw new Error(
        `The search attribute ${name} of namespace ${namespace} is not of type ${type}. Remove it (temporal operator search-attribute remove --name ${name}) or use another namespace.`,
      );
    }
  }
  return ours.filter(([name]) => customAttributes[name] === undefined || customAttributes[name] === null);
}
