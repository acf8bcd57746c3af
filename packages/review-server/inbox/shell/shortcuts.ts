import { useLayoutEffect, useRef, useSyncExternalStore } from 'react';
import { isComposing, isTyping, mayBeText, OVERLAY } from './typing.ts';

const SWITCH = 'holdpoint-shortcuts';

/** Single keys and what they do. A handler gets the event of a key that is neither held down nor part of a combination. */
export type Shortcuts = { [key: string]: ((event: KeyboardEvent) => void) | undefined };

interface Layer {
  shortcuts: Shortcuts;
  level: number;
  isModal: boolean;
}

let layers: readonly Layer[] = [];

/**
 * Single keys for the whole page. They are off while a person types, while an overlay is open, and where the person
 * switched them off. Esc works outside overlays in any case. The handler of the highest level is called; a modal layer
 * turns off the keys of all layers below it.
 */
export function useShortcuts(
  shortcuts: Shortcuts,
  { level = 0, isModal = false }: { level?: number; isModal?: boolean } = {},
): void {
  const layer = useRef<Layer>({ shortcuts, level, isModal });
  // Layout effects: a key never meets the handlers of a request that is no longer shown.
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

window.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.repeat || isComposing(event)) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.getModifierState('AltGraph')) return;
  // The focus may be outside the overlay for a moment.
  if (document.querySelector(OVERLAY) !== null) return;
  if (event.key !== 'Escape' && (!shortcutsAreOn() || isTyping(event.target) || mayBeText())) return;
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

const listeners = new Set<() => void>();

/** Whether single keys work; a person may switch them off, since speech input types letters. */
function shortcutsAreOn(): boolean {
  return localStorage.getItem(SWITCH) !== 'off';
}

export function useShortcutSwitch(): [boolean, (on: boolean) => void] {
  const isOn = useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, shortcutsAreOn);
  return [
    isOn,
    (on) => {
      localStorage.setItem(SWITCH, on ? 'on' : 'off');
      for (const listener of listeners) listener();
    },
  ];
}
