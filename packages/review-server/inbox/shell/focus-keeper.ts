import { useEffect } from 'react';
import { overlaySelector } from './typing.ts';

const noElements: Element[] = [];

/**
 * Keeps the focus in the page. When the focused element disappears or is disabled, browsers drop the focus, and a keyboard
 * user starts again at the top. This hook moves it to the control that opened the dialog, or to the nearest focusable
 * ancestor that is left.
 */
export function useFocusKeeper(): void {
  useEffect(() => {
    // Element and ancestors, from the inside out: of the last focus in the page, and of the last focus anywhere.
    let inPage = noElements;
    let latest = noElements;
    let due: number | undefined;
    const isLost = () => document.activeElement === null || document.activeElement === document.body;
    const onFocusIn = ({ target }: FocusEvent) => {
      if (!(target instanceof HTMLElement)) return;
      latest = pathOf(target);
      if (target.closest(overlaySelector) === null) inPage = latest;
    };
    const onFocusOut = ({ target, relatedTarget }: FocusEvent) => {
      // An element that still exists lost the focus on purpose, for example by a click beside it.
      if (relatedTarget === null)
        requestAnimationFrame(
          () =>
            target instanceof Element && isThere(target) && isLost() && ([inPage, latest] = [noElements, noElements]),
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
    // Two frames later, so that components can move the focus to a better place first.
    const check = () => {
      if (isLost()) due ??= requestAnimationFrame(() => (due = requestAnimationFrame(keep)));
    };
    const changes = new MutationObserver(check);
    changes.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ['disabled'] });
    document.addEventListener('focusin', onFocusIn);
    document.addEventListener('focusout', onFocusOut);
    return () => {
      changes.disconnect();
      document.removeEventListener('focusin', onFocusIn);
      document.removeEventListener('focusout', onFocusOut);
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
