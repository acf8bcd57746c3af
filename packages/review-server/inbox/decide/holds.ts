import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Hold, OwnHolds, UndoManyAnswer } from '../../src/contract/holds.ts';
import { approvalQuery } from '../api/queries.ts';
import { request } from '../api/request.ts';

/** The held decisions of the signed-in person. */
export const holdsQuery = queryOptions({
  queryKey: ['holds'],
  queryFn: () => request<OwnHolds>('GET', '/holds'),
});

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

/** When this page first saw each hold: its clock may differ from the server's. */
const seenAt = new Map<string, number>();
const tickMs = 200;

/** The whole seconds until the decision is made. 0: any moment now. */
export function useSecondsLeft({ by, heldAt, dueAt }: Pick<Hold, 'by' | 'heldAt' | 'dueAt'>): number {
  const key = `${by} ${heldAt} ${dueAt}`;
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), tickMs);
    return () => clearInterval(timer);
  }, []);
  const seen = seenAt.get(key) ?? now;
  if (!seenAt.has(key)) seenAt.set(key, now);
  const end = Math.min(Date.parse(dueAt), seen + Date.parse(dueAt) - Date.parse(heldAt));
  return Math.max(0, Math.ceil((end - now) / 1000));
}

const verbs: { [decision in Hold['decision']]: string } = {
  approve: 'approve',
  reject: 'reject',
  happened: 'answer “It happened”',
  'not-happened': 'answer “It did not happen”',
  'give-up': 'give up',
};

/** "You approve", "ana approves with changes". */
export function heldText({ by, decision, edited }: Pick<Hold, 'by' | 'decision' | 'edited'>, me: string): string {
  const verb = verbs[decision];
  const [word, ...rest] = verb.split(' ');
  const own = by === me;
  const suffix = word!.endsWith('s') ? 'es' : 's';
  const said = own ? verb : [`${word}${suffix}`, ...rest].join(' ');
  return `${own ? 'You' : by} ${said}${edited ? ' with changes' : ''}`;
}
