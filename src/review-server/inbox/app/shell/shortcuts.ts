import { useEffect, useRef, useSyncExternalStore } from 'react';

const SWITCH = 'holdpoint-shortcuts';
/** What lies over the page and has keys of its own. */
export const OVERLAY = '[role=dialog], [role=listbox], [role=menu]';
const TYPING = `input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable=true], ${OVERLAY}`;

/** Single keys and what they do. A handler gets the event of a key that is neither held down nor part of a combination. */
export type Shortcuts = { [key: string]: ((event: KeyboardEvent) => void) | undefined };

interface Layer {
  shortcuts: Shortcuts;
  level: number;
}

let layers: readonly Layer[] = [];

/**
 * Single keys for the whole page: off while somebody types, in dialogs and lists, and where the person switched them
 * off. Of several handlers for a key the one of the highest level is called.
 */
export function useShortcuts(shortcuts: Shortcuts, level = 0): void {
  const layer = useRef<Layer>({ shortcuts, level });
  useEffect(() => {
    layer.current.shortcuts = shortcuts;
  });
  useEffect(() => {
    const own = layer.current;
    layers = [...layers, own].toSorted((a, b) => b.level - a.level);
    return () => {
      layers = layers.filter((each) => each !== own);
    };
  }, []);
}

window.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const { target } = event;
  if (target instanceof Element && target.closest(OVERLAY) !== null) return;
  // Esc leaves a field, and is no letter that somebody could mean.
  if (event.key !== 'Escape' && (event.repeat || !shortcutsAreOn() || isTyping(target))) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const handler = layers.map(({ shortcuts }) => shortcuts[key]).find((each) => each !== undefined);
  if (handler === undefined) return;
  event.preventDefault();
  handler(event);
});

/** Whether keys that are pressed there are text. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(TYPING) !== null;
}

const listeners = new Set<() => void>();

/** Whether single keys work; a person may switch them off, since speech input types letters. */
export function shortcutsAreOn(): boolean {
  return localStorage.getItem(SWITCH) !== 'off';
}

export function useShortcutSwitch(): [boolean, (on: boolean) => void] {
  const isOn = useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, shortcutsAreOn);
  return [isOn, (on) => {
    localStorage.setItem(SWITCH, on ? 'on' : 'off');
    for (const listener of listeners) listener();
  }];
}
