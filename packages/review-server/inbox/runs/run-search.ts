/** The filters of the list of runs, as the address has them. */
export type RunSearch = { state?: string; assistant?: string; text?: string; since?: string };

const names = ['state', 'assistant', 'text', 'since'] as const;

/** Reads the filters of an address. Others are dropped. */
export function readRunSearch(search: Record<string, unknown>): RunSearch {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = search[name];
      return typeof value === 'string' && value !== '' ? [[name, value]] : [];
    }),
  );
}
