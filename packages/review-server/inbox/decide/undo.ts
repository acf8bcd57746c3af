import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { UndoManyAnswer } from '../../src/contract/holds.ts';
import { approvalQuery } from '../api/queries.ts';
import { request } from '../api/request.ts';
import { holdsQuery } from './held-decisions-query.ts';

/** Requests of one call. */
const mostAtOnce = 100;

/** Undoes what this person holds on these requests. The answer has the result of each. */
export function useUndo() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (ids: readonly string[]) => {
      const results: UndoManyAnswer['results'] = [];
      for (let from = 0; from < ids.length; from += mostAtOnce) {
        const part = ids.slice(from, from + mostAtOnce);
        results.push(...(await request<UndoManyAnswer>('POST', '/approvals/undo', { ids: part })).results);
      }
      return { results };
    },
    onSettled: async (_answer, _error, ids) => {
      await client.invalidateQueries({ queryKey: holdsQuery.queryKey });
      for (const id of ids) void client.invalidateQueries({ queryKey: approvalQuery(id).queryKey });
      void client.invalidateQueries({ queryKey: ['approvals'] });
    },
  });
}
