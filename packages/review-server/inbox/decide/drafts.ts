import { create } from 'zustand';
import { createJSONStorage, persist } from 'zustand/middleware';
import type { UnreadableTexts } from './form-state.ts';

/** The unsent text of a reviewer for one request. It survives updates, a new sign-in and a reload. */
export type Draft = {
  note: string;
  /** `reject` and `edit`: the reviewer has started one. */
  mode: 'none' | 'reject' | 'edit';
  /** The edited arguments as JSON text. */
  edited?: string | undefined;
  /** Typed texts of the form that are no values yet. */
  unreadable?: UnreadableTexts | undefined;
  /** Keys whose removal the reviewer confirmed. */
  removed?: readonly string[];
};

const empty: Draft = { note: '', mode: 'none' };

const useDrafts = create<{ drafts: { [id: string]: Draft } }>()(
  persist(() => ({ drafts: {} }), {
    name: 'holdpoint-drafts',
    storage: createJSONStorage(() => sessionStorage),
  }),
);

/** The draft of one request and its setter. `undefined` discards the draft. */
export function useDraft(id: string): [Draft, (change: Partial<Draft> | undefined) => void] {
  const draft = useDrafts(({ drafts }) => drafts[id] ?? empty);
  return [
    draft,
    (change) =>
      useDrafts.setState(({ drafts: { [id]: old = empty, ...others } }) => ({
        drafts: change === undefined ? others : { ...others, [id]: { ...old, ...change } },
      })),
  ];
}

/** Discards the draft of one request, which was decided. */
export function forgetDraft(id: string): void {
  useDrafts.setState(({ drafts: { [id]: _sent, ...others } }) => ({ drafts: others }));
}

/** Discards all drafts, since another user may sign in next. */
export function forgetDrafts(): void {
  useDrafts.setState({ drafts: {} });
  useDrafts.persist.clearStorage();
}
