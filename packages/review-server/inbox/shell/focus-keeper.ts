import { useEffect } from 'react';
import { OVERLAY } from './typing.ts';

const NOWHERE: Element[] = [];

/**
 * Keeps the focus in the page. When what has it goes away (a dialog closes, a row leaves, a button has done its work), a
 * browser drops it, and somebody without a mouse begins anew at the top. Here it goes to what opened the dialog, or to the
 * nearest thing around its old place that is still there.
 */
export function useFocusKeeper(): void {
  useEffect(() => {
    // From the inside out. Of the page itself, and of wherever the focus was last, which may be a dialog over it.
    let inPage = NOWHERE;
    let latest = NOWHERE;
    let due: number | undefined;
    const isLost = () => document.activeElement === null || document.activeElement === document.body;
    const came = ({ target }: FocusEvent) => {
      if (!(target instanceof HTMLElement)) return;
      latest = pathOf(target);
      if (target.closest(OVERLAY) === null) inPage = latest;
    };
    const left = ({ target, relatedTarget }: FocusEvent) => {
      // What is left for nothing and stays was left on purpose, as by a click beside it.
      if (relatedTarget === null)
        requestAnimationFrame(
          () => target instanceof Element && isThere(target) && isLost() && ([inPage, latest] = [NOWHERE, NOWHERE]),
        );
    };
    const keep = () => {
      due = undefined;
      if (!isLost()) return;
      for (const element of [...latest, ...inPage]) {
        if (!isThere(element)) continue;
        (element as HTMLElement).focus({ preventScroll: true });
        if (!isLost()) return;
      }
    };
    // Two frames later: components that know a better place have taken the focus there by then.
    const look = () => {
      if (isLost()) due ??= requestAnimationFrame(() => (due = requestAnimationFrame(keep)));
    };
    const changes = new MutationObserver(look);
    changes.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ['disabled'] });
    document.addEventListener('focusin', came);
    document.addEventListener('focusout', left);
    return () => {
      changes.disconnect();
      document.removeEventListener('focusin', came);
      document.removeEventListener('focusout', left);
      if (due !== undefined) cancelAnimationFrame(due);
    };
  }, []);
}

function pathOf(element: Element): Element[] {
  const path: Element[] = [];
  for (let each: Element | null = element; each !== null; each = each.parentElement) path.push(each);
  return path;
}

function isThere(element: Element): boolean {
  return element.isConnected && !element.matches(':disabled') && element.checkVisibility();
}
