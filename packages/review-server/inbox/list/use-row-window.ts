import { useLayoutEffect, useState, type RefObject } from 'react';
import { flushSync } from 'react-dom';

/** Rows that are rendered above and below the visible ones. */
const rowsAround = 6;

type Range = { first: number; last: number };

/**
 * The visible rows of a list whose rows all have the same height in pixels, and those to render. `last` is inclusive.
 *
 * @example
 * const { rendered, scrollTo } = useRowWindow({ count: 1000, rowHeight: 51, scroller });
 */
export function useRowWindow({
  count,
  rowHeight,
  scroller,
}: {
  count: number;
  rowHeight: number;
  scroller: RefObject<HTMLElement | null>;
}): { visible: Range | undefined; rendered: number[]; scrollTo: (index: number) => void } {
  const [visible, setVisible] = useState<Range>();
  useLayoutEffect(() => {
    const element = scroller.current!;
    const measure = () => {
      const { scrollTop, clientHeight } = element;
      const next = {
        first: Math.floor(scrollTop / rowHeight),
        last: Math.ceil((scrollTop + clientHeight) / rowHeight) - 1,
      };
      setVisible((range) => (range?.first === next.first && range.last === next.last ? range : next));
    };
    measure();
    // In the same frame as the scroll, so that no gap is seen.
    const onScroll = () => flushSync(measure);
    element.addEventListener('scroll', onScroll, { passive: true });
    const resizes = new ResizeObserver(measure);
    resizes.observe(element);
    return () => {
      element.removeEventListener('scroll', onScroll);
      resizes.disconnect();
    };
  }, [rowHeight, scroller]);
  const from = Math.max(0, (visible?.first ?? 0) - rowsAround);
  const to = visible === undefined ? -1 : Math.min(count - 1, visible.last + rowsAround);
  return {
    visible: visible && { first: Math.min(visible.first, count - 1), last: Math.min(visible.last, count - 1) },
    rendered: Array.from({ length: Math.max(0, to - from + 1) }, (_, offset) => from + offset),
    scrollTo: (index) => {
      const element = scroller.current!;
      const top = index * rowHeight;
      if (top < element.scrollTop) element.scrollTo({ top, behavior: 'instant' });
      else if (top + rowHeight > element.scrollTop + element.clientHeight)
        element.scrollTo({ top: top + rowHeight - element.clientHeight, behavior: 'instant' });
    },
  };
}
