import type { ConnectionLike } from '@temporalio/client';
import { expect, it } from 'vitest';
import { registerSearchAttributes } from '../../../src/adapters/temporal/search-attributes.ts';
import { searchAttributes } from '../../../src/domain/wire-names.ts';

const indexedValueType = { KEYWORD: 2, DATETIME: 6, KEYWORD_LIST: 7 };

/** A server that shows new search attributes at once, and fails the first counts by them. */
function serverThatLearnsLate(refusals: number, code: number) {
  let created = false;
  const counts: unknown[] = [];
  const connection = {
    operatorService: {
      addSearchAttributes: async () => void (created = true),
      listSearchAttributes: async () => ({
        customAttributes: created
          ? Object.fromEntries(Object.entries(searchAttributes).map(([name, type]) => [name, indexedValueType[type]]))
          : {},
      }),
    },
    workflowService: {
      countWorkflowExecutions: async ({ query }: { query: string }) => {
        counts.push(query);
        const details = 'no mapping defined';
        if (counts.length <= refusals) throw Object.assign(new Error(details), { code, details, metadata: {} });
        return {};
      },
    },
  };
  return { connection: connection as unknown as ConnectionLike, counts };
}

it('server shows new search attributes before it knows them → waits until it knows them', async () => {
  const { connection, counts } = serverThatLearnsLate(2, 3);
  expect((await registerSearchAttributes(connection, 'default')).added).toEqual(Object.keys(searchAttributes));
  expect(counts).toHaveLength(3);
});

it('server fails otherwise → its error', async () => {
  const { connection } = serverThatLearnsLate(1, 14);
  await expect(registerSearchAttributes(connection, 'default')).rejects.toThrow('no mapping defined');
});
