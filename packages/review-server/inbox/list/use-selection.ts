import { useRef, useState } from 'react';
import type { ApprovalSummary } from '../../src/contract/reviewer-api.ts';

const none: Selection = { ids: new Set(), known: [] };

type Selection = {
  ids: ReadonlySet<string>;
  /** Selected requests that may be outside the loaded pages. */
  known: readonly ApprovalSummary[];
};

export type ListSelection = Selection & {
  /** Selects or unselects one. With `isRange` all between it and the last one follow it. */
  toggle: (id: string, isRange?: boolean) => void;
  /** Selects or unselects several. */
  set: (ids: readonly string[], isSelected: boolean) => void;
  /** Selects from one request to its neighbour. A further step in the other direction takes the last one back. */
  extend: (from: string, to: string) => void;
  /** Replaces the selection by requests that may not be loaded. */
  replace: (approvals: readonly ApprovalSummary[]) => void;
  clear: () => void;
};

/** The selected requests of one list. `of` names the list: another one begins without a selection. */
export function useSelection(of: string, approvals: readonly ApprovalSummary[]): ListSelection {
  const [state, setState] = useState({ of, ...none });
  const { ids, known } = state.of === of ? state : none;
  const anchor = useRef<string>(undefined);
  /** The walk with Shift+J and Shift+K: where it began, where it is, and the selection before it. */
  const walk = useRef<{ from: string; to: string; before: ReadonlySet<string> }>(undefined);

  const put = (changed: ReadonlySet<string>, alsoKnown = known) => setState({ of, ids: changed, known: alsoKnown });
  const set = (changed: readonly string[], isSelected: boolean) => {
    walk.current = undefined;
    const next = new Set(ids);
    for (const id of changed)
      if (isSelected) next.add(id);
      else next.delete(id);
    put(next);
  };
  const between = (one: string, other: string): string[] => {
    const places = [one, other].map((id) => approvals.findIndex((approval) => approval.id === id));
    if (places.includes(-1)) return [other];
    return approvals
      .slice(Math.min(...places), Math.max(...places) + 1)
      .filter(({ status }) => status === 'PENDING')
      .map(({ id }) => id);
  };
  return {
    ids,
    known,
    set,
    toggle: (id, isRange = false) => {
      set(isRange && anchor.current !== undefined ? between(anchor.current, id) : [id], !ids.has(id));
      anchor.current = id;
    },
    extend: (from, to) => {
      const { current } = walk;
      const going = current?.to === from ? current : { from, to, before: ids };
      put(new Set([...going.before, ...between(going.from, to)]));
      walk.current = { ...going, to };
      anchor.current = to;
    },
    replace: (chosen) => {
      walk.current = undefined;
      put(new Set(chosen.map(({ id }) => id)), chosen);
    },
    clear: () => {
      walk.current = undefined;
      put(none.ids, none.known);
    },
  };
}
