import { useEffect, useLayoutEffect, useRef } from 'react';
import { useSettings } from './settings.ts';
import { isComposing, isTyping, mayBeText, overlaySelector } from './typing.ts';

/** Handlers by key. They run for the first keydown only, and not with Ctrl, Alt or Meta. */
export type Shortcuts = { [key: string]: ((event: KeyboardEvent) => void) | undefined };

type Layer = {
  shortcuts: Shortcuts;
  level: number;
  isModal: boolean;
};

let layers: readonly Layer[] = [];

/**
 * Single-key shortcuts for the whole page. They are off while the user types, while an overlay is open, and when the user
 * turned them off. Esc always works outside overlays. The handler of the highest level runs. A modal layer turns off the
 * keys of all layers below it.
 */
export function useShortcuts(
  shortcuts: Shortcuts,
  { level = 0, isModal = false }: { level?: number; isModal?: boolean } = {},
): void {
  const layer = useRef<Layer>({ shortcuts, level, isModal });
  // Layout effects: a key never runs the handler of a request that is no longer shown.
  useLayoutEffect(() => {
    Object.assign(layer.current, { shortcuts, isModal });
  });
  useLayoutEffect(() => {
    const own = layer.current;
    layers = [...layers, own].toSorted((a, b) => b.level - a.level);
    return () => {
      layers = layers.filter((each) => each !== own);
    };
  }, []);
}

/** The key of a request that is not on the screen yet. */
let held: { of: string; event: KeyboardEvent } | undefined;

/**
 * Holds the first of these keys while something is loading. `usePressHeld` presses it. Keys that decide are not for this:
 * they count only on what was on the screen.
 */
export function useHeldShortcuts(of: string, keys: readonly string[]): void {
  useShortcuts(
    Object.fromEntries(
      keys.map((key) => [
        key,
        (event: KeyboardEvent) => {
          if (held?.of !== of) held = { of, event };
        },
      ]),
    ),
  );
  useEffect(() => {
    if (held?.of !== of) held = undefined;
  }, [of]);
}

/** Presses the held key of what is now on the screen. Use it in the parent of the components with the handlers. */
export function usePressHeld(of: string): void {
  useLayoutEffect(() => {
    const event = held?.of === of ? held.event : undefined;
    held = undefined;
    if (event !== undefined) handlerOf(event.key.toLowerCase())?.(event);
  }, [of]);
}

window.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.repeat || isComposing(event)) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.getModifierState('AltGraph')) return;
  // The focus may be outside an open overlay for a moment.
  if (document.querySelector(overlaySelector) !== null) return;
  if (event.key !== 'Escape' && (!useSettings.getState().shortcuts || isTyping(event.target) || mayBeText())) return;
  const handler = handlerOf(event.key.length === 1 ? event.key.toLowerCase() : event.key);
  if (handler === undefined) return;
  event.preventDefault();
  handler(event);
});

function handlerOf(key: string): ((event: KeyboardEvent) => void) | undefined {
  for (const { shortcuts, isModal } of layers) {
    if (shortcuts[key] !== undefined || isModal) return shortcuts[key];
  }
  return undefined;
}
