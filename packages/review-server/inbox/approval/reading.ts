import { useCallback, useLayoutEffect, useMemo, useRef, useState, type RefCallback } from 'react';
import type { Folds } from '../ui/folds.ts';

/** The part of the end that must be on the screen. */
const visiblePart = 0.5;
/** The part of the visible height that one step scrolls. */
const stepPart = 0.85;

/** Whether a reviewer has had all arguments on the screen. */
export type Reading = {
  /**
   * True once the end has been on the screen without hidden parts before it, and every text before it that scrolls inside
   * itself has been scrolled to its own end. Also true if the risk does not ask for it.
   */
  isRead: boolean;
  /** True if the reviewer had to scroll or to open a part. */
  wasUnread: boolean;
  hiddenParts: number;
  /** For the hidden parts of the arguments. */
  folds: Folds;
  /** For the element behind the last argument. */
  endRef: RefCallback<Element>;
  /** Opens the hidden parts. When none is left, scrolls on, first in texts that scroll inside themselves. */
  readOn: () => void;
};

/** True for the risks whose arguments must have been on the screen before an approval. */
export function needsReading(riskLevel: string): boolean {
  return riskLevel === 'high' || riskLevel === 'critical';
}

/** Follows what was on the screen. Another `shown` starts again. */
export function useReading(shown: string, isNeeded: boolean): Reading {
  const [readOf, setReadOf] = useState<string>();
  const [unreadOf, setUnreadOf] = useState<string>();
  const [openOf, setOpenOf] = useState<string>();
  const [end, endRef] = useState<Element | null>(null);
  const [hiddenParts, setHiddenParts] = useState(0);
  // A ref too: the parts register in the same commit that measures the end.
  const hidden = useRef(0);
  const addHidden = useCallback(() => {
    setHiddenParts((hidden.current += 1));
    return () => setHiddenParts((hidden.current -= 1));
  }, []);
  const areAllOpen = openOf === shown;
  const folds = useMemo(() => ({ areAllOpen, addHidden }), [areAllOpen, addHidden]);
  const isRead = !isNeeded || readOf === shown;

  // Texts that were scrolled to their end. Another `shown` starts again.
  const scrolled = useMemo(() => ({ of: shown, texts: new WeakSet<Element>() }), [shown]).texts;

  useLayoutEffect(() => {
    if (isRead || end === null) return;
    const area = end.parentElement!;
    let isEndSeen = false;
    /** `isNear`: the end is on the screen. */
    const isReadNow = (isNear: boolean): boolean => {
      if (hiddenParts > 0 || hidden.current > 0) return false;
      isEndSeen ||= isNear;
      return innerTexts(end, scrolled).length === 0 && isEndSeen;
    };
    if (isReadNow(isOnScreen(end))) {
      setReadOf(shown);
      return;
    }
    setUnreadOf(shown);
    const look = (isNear = isOnScreen(end)) => {
      if (isReadNow(isNear)) setReadOf(shown);
    };
    const observer = new IntersectionObserver(
      (entries) => look(entries.some(({ intersectionRatio }) => intersectionRatio >= visiblePart)),
      { threshold: visiblePart },
    );
    observer.observe(end);
    // Another form of the arguments, such as JSON instead of fields, has another size.
    const sizes = new ResizeObserver(() => look());
    sizes.observe(area);
    const onScroll = () => look();
    area.addEventListener('scroll', onScroll, { capture: true });
    return () => {
      observer.disconnect();
      sizes.disconnect();
      area.removeEventListener('scroll', onScroll, { capture: true });
    };
  }, [isRead, end, shown, hiddenParts, scrolled]);

  const readOn = () => {
    if (hidden.current > 0) return setOpenOf(shown);
    if (end === null) return;
    const [text] = innerTexts(end, scrolled);
    if (text === undefined) return scrollTowards(end);
    text.scrollIntoView({ block: 'nearest' });
    text.scrollBy({ top: text.clientHeight * stepPart });
  };
  return { isRead, wasUnread: unreadOf === shown, hiddenParts, folds, endRef, readOn };
}

/** True if the middle of the element is inside the window and inside every ancestor that scrolls. */
function isOnScreen(element: Element): boolean {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  if (bottom <= top || x < 0 || y < 0 || x > innerWidth || y > innerHeight) return false;
  return clippersOf(element).every((clipper) => {
    const box = clipper.getBoundingClientRect();
    return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
  });
}

/** The texts before the end that scroll inside themselves and were not scrolled to their end. Notes those that are there. */
function innerTexts(end: Element, scrolled: WeakSet<Element>): Element[] {
  return [...end.parentElement!.querySelectorAll('textarea, pre')].filter((text) => {
    if (text.scrollTop + text.clientHeight >= text.scrollHeight - 2) scrolled.add(text);
    return !scrolled.has(text);
  });
}

function scrollTowards(end: Element): void {
  const scroller = clippersOf(end).find(({ scrollHeight, clientHeight }) => scrollHeight > clientHeight + 1);
  const below = scroller === undefined ? 0 : end.getBoundingClientRect().top - scroller.getBoundingClientRect().bottom;
  const step = (scroller?.clientHeight ?? 0) * stepPart;
  if (below > step) scroller!.scrollBy({ top: step });
  else end.scrollIntoView({ block: 'center', inline: 'center' });
}

function clippersOf(element: Element): Element[] {
  const found: Element[] = [];
  for (let each = element.parentElement; each !== null; each = each.parentElement)
    if (each !== document.body && each !== document.documentElement && getComputedStyle(each).overflowY !== 'visible')
      found.push(each);
  return found;
}
