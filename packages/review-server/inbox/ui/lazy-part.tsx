import {
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  useSyncExternalStore,
  type ComponentType,
  type ReactNode,
} from 'react';
import { reportMissingPart } from './missing-part.ts';

/** Loads all parts, in the order in which an idle browser does it. */
const parts: Array<() => Promise<unknown>> = [];

/** Reads a module once, when the browser is idle or at the first use. A failed read is repeated at the next use. */
export function lazyModule<Module>(read: () => Promise<Module>): () => Promise<Module> {
  let loading: Promise<Module> | undefined;
  const load = () =>
    (loading ??= read().catch((error: unknown) => {
      loading = undefined;
      throw error;
    }));
  parts.push(load);
  return load;
}

/**
 * A component with a script of its own. The browser loads the script when it is idle, or at the first use. A loaded part
 * renders at once, without a placeholder. After a failure the page offers to reload or to try again.
 *
 * `close`: the part is an overlay. Until it is there, keys are held: Esc closes it, and text goes to its first field.
 *
 * @example
 * const HelpDialog = lazyPart(async () => (await import('./help-dialog.tsx')).HelpDialog, { close: ({ onClose }) => onClose() });
 */
export function lazyPart<Props extends object>(
  read: () => Promise<ComponentType<Props>>,
  { placeholder = null, close }: { placeholder?: ReactNode; close?: (props: Props) => void } = {},
): (props: Props) => ReactNode {
  let loaded: ComponentType<Props> | undefined;
  const listeners = new Set<() => void>();
  const load = lazyModule(async () => {
    loaded = await read();
    for (const listener of listeners) listener();
  });
  const listen = (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return function LazyPart(props: Props) {
    const Loaded = useSyncExternalStore(listen, () => loaded);
    const [isMissing, setMissing] = useState(false);
    useEffect(() => {
      if (loaded !== undefined) return;
      const attempt = () => {
        setMissing(false);
        load().catch(() => {
          setMissing(true);
          void reportMissingPart(attempt);
        });
      };
      attempt();
    }, []);
    useHeldKeys(Loaded === undefined && !isMissing && close !== undefined, () => close?.(props));
    return Loaded === undefined ? placeholder : <Loaded {...props} />;
  };
}

/** Loads all parts, one after the other, each when the browser is idle. A part that fails is loaded at its first use. */
export function useIdleLoading(isReady: boolean): void {
  useEffect(() => {
    if (!isReady) return;
    let isOver = false;
    const loadFrom = (index: number) =>
      whenIdle(() => {
        const part = parts[index];
        if (isOver || part === undefined) return;
        part().then(
          () => loadFrom(index + 1),
          () => undefined,
        );
      });
    loadFrom(0);
    return () => {
      isOver = true;
    };
  }, [isReady]);
}

function whenIdle(work: () => void): void {
  // Safari has no requestIdleCallback.
  if ('requestIdleCallback' in window) requestIdleCallback(work, { timeout: 2000 });
  else setTimeout(work, 200);
}

/** Keeps keys from the page while an overlay is on its way. Then its focused field gets the text. */
function useHeldKeys(isHolding: boolean, onEscape: () => void): void {
  const escape = useRef(onEscape);
  useLayoutEffect(() => {
    escape.current = onEscape;
  });
  useLayoutEffect(() => {
    if (!isHolding) return;
    let text = '';
    const hold = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (event.key === 'Escape') escape.current();
      else if (event.key.length === 1) text += event.key;
    };
    window.addEventListener('keydown', hold, true);
    return () => {
      window.removeEventListener('keydown', hold, true);
      // The overlay has moved the focus by the frame after the next.
      if (text !== '') requestAnimationFrame(() => requestAnimationFrame(() => typeInto(document.activeElement, text)));
    };
  }, [isHolding]);
}

function typeInto(field: Element | null, text: string): void {
  if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) return;
  field.setRangeText(text, field.selectionStart ?? 0, field.selectionEnd ?? 0, 'end');
  field.dispatchEvent(new InputEvent('input', { bubbles: true, data: text, inputType: 'insertText' }));
}
