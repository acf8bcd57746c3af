import { useSyncExternalStore } from 'react';

/** What a reviewer typed about one approval and has not sent. It survives news, a sign-in in between, and a reload. */
export interface Draft {
  note: string;
  /** `reject` and `edit`: the reviewer has begun to. */
  mode: 'none' | 'reject' | 'edit';
  /** The edited arguments as JSON text. */
  edited?: string | undefined;
}

const EMPTY: Draft = { note: '', mode: 'none' };
const STORED = 'holdpoint-drafts';

const listeners = new Set<() => void>();
let drafts = readStored();

function readStored(): ReadonlyMap<string, Draft> {
  try {
    return new Map(JSON.parse(sessionStorage.getItem(STORED) ?? '[]') as [string, Draft][]);
  } catch {
    return new Map();
  }
}

/** The draft of one approval, and how to change it; `undefined` throws it away. */
export function useDraft(id: string): [Draft, (change: Partial<Draft> | undefined) => void] {
  const draft = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => drafts.get(id) ?? EMPTY,
  );
  return [
    draft,
    (change) => {
      const next = new Map(drafts);
      if (change === undefined) next.delete(id);
      else next.set(id, { ...(drafts.get(id) ?? EMPTY), ...change });
      drafts = next;
      sessionStorage.setItem(STORED, JSON.stringify([...drafts]));
      for (const listener of listeners) listener();
    },
  ];
}

/** Forgets everything that was typed: somebody else may sign in next. */
export function forgetDrafts(): void {
  drafts = new Map();
  sessionStorage.removeItem(STORED);
  for (const listener of listeners) listener();
}
