import { create } from 'zustand';

type Missing = {
  /** `updated`: the server has another build. `unreachable`: it does not answer, or the part did not arrive. */
  why: 'updated' | 'unreachable';
  /** Loads the part again. */
  again: (() => void) | undefined;
};

/** The part of the page that could not be loaded, if any. */
export const useMissingPart = create<{ missing: Missing | undefined }>(() => ({ missing: undefined }));

/** Shows why a part of the page is missing. */
export async function reportMissingPart(again: () => void): Promise<void> {
  const why = (await isUpdated().catch(() => false)) ? 'updated' : 'unreachable';
  useMissingPart.setState({ missing: { why, again } });
}

/** Offers a reload if the server has another build of the page. Call it when the server is back. */
export async function lookForUpdate(): Promise<void> {
  if (await isUpdated().catch(() => false)) useMissingPart.setState({ missing: { why: 'updated', again: undefined } });
}

/** True if the server's page has another script than this one. False in development, where the script has no digest. */
async function isUpdated(): Promise<boolean> {
  const own = document.querySelector<HTMLScriptElement>('script[type=module][src^="/assets/"]');
  if (own === null) return false;
  const answer = await fetch('/login', { headers: { accept: 'text/html' }, cache: 'no-store' });
  return answer.ok && !(await answer.text()).includes(new URL(own.src).pathname);
}
