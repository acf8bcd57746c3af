import { useSyncExternalStore } from 'react';

/** Elements over the page that have keys of their own. */
export const OVERLAY = '[role=dialog], [role=listbox], [role=menu]';
const TEXT_FIELD =
  'input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]:not([contenteditable=false])';
/** Letters this soon after text are more of that text, in milliseconds. */
const QUIET_MS = 700;

/*
 * A text field can lose the focus under the fingers: it is removed, disabled, hidden, replaced or blurred. The letters
 * that follow are still text. This module remembers the field until the person leaves it: by a click, Tab or Esc, or by
 * sending it with Enter.
 */
let field: Element | undefined;
let isLeaving = false;
/** The person sent the field and has typed nothing in it since. */
let isSent = false;
let textAt = Number.NEGATIVE_INFINITY;

const listeners = new Set<() => void>();
const tell = () => {
  for (const listener of listeners) listener();
};

/** The text field around an element, or nothing. */
export function textFieldOf(target: EventTarget | null): Element | undefined {
  return target instanceof Element ? (target.closest(TEXT_FIELD) ?? undefined) : undefined;
}

/** Whether keys pressed there are text, or belong to an overlay. */
export function isTyping(target: EventTarget | null): boolean {
  return textFieldOf(target) !== undefined || (target instanceof Element && target.closest(OVERLAY) !== null);
}

/** Whether the key belongs to an input method, which composes a character of several keys. */
export function isComposing({
  isComposing: composes,
  keyCode,
}: Pick<KeyboardEvent, 'isComposing' | 'keyCode'>): boolean {
  return composes || keyCode === COMPOSING_KEY_CODE;
}
const COMPOSING_KEY_CODE = 229;

/** Whether a letter may still be meant as text: its field went away, or the last text is a moment ago. */
export function mayBeText(): boolean {
  return isFieldLost() || performance.now() - textAt < QUIET_MS;
}

/** The text field that the person is typing in. */
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

/** The person leaves the field, if this click or key moves the focus at all. */
function leave(): void {
  isLeaving = true;
  setTimeout(() => {
    isLeaving = false;
    field = textFieldOf(document.activeElement);
    tell();
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
    setTimeout(tell);
  },
  true,
);

window.addEventListener('focusout', () => setTimeout(tell), true);

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
    else if (isFieldLost() && performance.now() - textAt < QUIET_MS && isText(event)) {
      // A space or Enter would press the control that has the focus now.
      textAt = performance.now();
      event.preventDefault();
      event.stopImmediatePropagation();
    } else if (key === 'Enter' && textFieldOf(target) === undefined) textAt = Number.NEGATIVE_INFINITY;
  },
  true,
);

/** The person sent the text: the keys that follow are no more of it. */
export function textIsSent(): void {
  [isSent, textAt] = [true, Number.NEGATIVE_INFINITY];
}

window.addEventListener('submit', textIsSent, true);

function isText(event: KeyboardEvent): boolean {
  const isCombination = (event.ctrlKey || event.metaKey || event.altKey) && !event.getModifierState('AltGraph');
  return !isCombination && (event.key.length === 1 || event.key === 'Enter');
}
