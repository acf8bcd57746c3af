import { useSyncExternalStore } from 'react';

/** Elements over the page that handle keys themselves. */
export const overlaySelector = '[role=dialog], [role=listbox], [role=menu]';
const textFieldSelector =
  'input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]:not([contenteditable=false])';
/** Letters within this time after text count as text, in milliseconds. */
const quietMs = 700;

/*
 * A text field can lose the focus while the user types: it is removed, disabled, hidden, replaced or blurred. The letters
 * that follow are still text. This module remembers the field until the user leaves it by a click, Tab or Esc, or sends
 * it.
 */
let field: Element | undefined;
let isLeaving = false;
/** The user sent the field and has typed nothing since. */
let isSent = false;
let textAt = Number.NEGATIVE_INFINITY;

const listeners = new Set<() => void>();
const notifyListeners = () => {
  for (const listener of listeners) listener();
};

/** The text field around an element, or nothing. */
export function textFieldOf(target: EventTarget | null): Element | undefined {
  return target instanceof Element ? (target.closest(textFieldSelector) ?? undefined) : undefined;
}

/** True if keys on this element are text, belong to an overlay, or choose an entry of a select. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    textFieldOf(target) !== undefined ||
    (target instanceof Element && target.closest(`${overlaySelector}, [aria-haspopup=listbox]`) !== null)
  );
}

/** True if the key belongs to an input method, which composes a character of several keys. */
export function isComposing({
  isComposing: composes,
  keyCode,
}: Pick<KeyboardEvent, 'isComposing' | 'keyCode'>): boolean {
  return composes || keyCode === composingKeyCode;
}
const composingKeyCode = 229;

/** True if a letter may still be text: its field was lost, or the last text is less than 700 ms ago. */
export function mayBeText(): boolean {
  return isFieldLost() || performance.now() - textAt < quietMs;
}

/** The text field that the user is typing in. */
export function useTypedIn(): Element | undefined {
  return useSyncExternalStore(listen, () =>
    field !== undefined && field === document.activeElement ? field : undefined,
  );
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function isFieldLost(): boolean {
  return field !== undefined && !isLeaving && !isSent && document.activeElement !== field;
}

/** The user leaves the field, unless the focus stays in it. */
function leave(): void {
  isLeaving = true;
  setTimeout(() => {
    isLeaving = false;
    field = textFieldOf(document.activeElement);
    notifyListeners();
  });
}

function click(): void {
  textAt = Number.NEGATIVE_INFINITY;
  leave();
}

window.addEventListener('pointerdown', click, true);
// A tap moves the focus at the emulated mouse event.
window.addEventListener('mousedown', click, true);

window.addEventListener(
  'focusin',
  ({ target }) => {
    const entered = textFieldOf(target);
    if (entered !== undefined) [field, isSent] = [entered, false];
    setTimeout(notifyListeners);
  },
  true,
);

window.addEventListener('focusout', () => setTimeout(notifyListeners), true);

window.addEventListener(
  'beforeinput',
  ({ target, inputType }) => {
    if (target instanceof HTMLInputElement && inputType === 'insertLineBreak') return;
    [field, isSent, textAt] = [textFieldOf(target) ?? field, false, performance.now()];
  },
  true,
);

window.addEventListener(
  'keydown',
  (event) => {
    if (isComposing(event)) return;
    const { key, target } = event;
    if (key === 'Escape') textAt = Number.NEGATIVE_INFINITY;
    if (key === 'Escape' || key === 'Tab') leave();
    else if (isFieldLost() && performance.now() - textAt < quietMs && isText(event)) {
      // A space or Enter would press the control that has the focus now.
      textAt = performance.now();
      event.preventDefault();
      event.stopImmediatePropagation();
    } else if (key === 'Enter' && textFieldOf(target) === undefined) textAt = Number.NEGATIVE_INFINITY;
  },
  true,
);

/** The user sent the text. The keys that follow are no longer part of it. */
export function textIsSent(): void {
  [isSent, textAt] = [true, Number.NEGATIVE_INFINITY];
}

window.addEventListener('submit', textIsSent, true);

function isText(event: KeyboardEvent): boolean {
  const isCombination = (event.ctrlKey || event.metaKey || event.altKey) && !event.getModifierState('AltGraph');
  return !isCombination && (event.key.length === 1 || event.key === 'Enter');
}
