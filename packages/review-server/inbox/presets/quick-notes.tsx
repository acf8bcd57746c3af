import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import type { Presets } from '@holdpoint/cheqpoint/wire';
import { useMySettings } from '../session/my-settings.ts';
import { LiteralText } from '../ui/literal-text.tsx';
import { quickNotes, usePresets, withPreset } from './catalogue.ts';

/**
 * Notes to choose from, for the text field beside them. By keyboard: Arrow down at the end of the field goes to the
 * list, there arrow keys move, a number or Enter takes one, Esc goes back. Taking one never decides.
 */
export function QuickNotes({
  presets,
  answer,
  note,
  onNote,
}: {
  /** Of the tool, by language. */
  presets: Presets | null;
  answer: 'approve' | 'reject';
  note: string;
  onNote: (note: string) => void;
}) {
  const { language: chosen } = useMySettings();
  const general = usePresets();
  const languages = [...(chosen === undefined ? [] : [chosen]), ...navigator.languages];
  const { language, notes } = quickNotes(presets, answer, languages, general);
  const list = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(0);
  const [isShown, setShown] = useState(false);
  const here = Math.min(at, notes.length - 1);
  const field = () => list.current?.parentElement?.querySelector('textarea');
  const goTo = (index: number) => {
    setAt(index);
    list.current?.querySelectorAll('button')[index]?.focus();
  };
  const isEmpty = notes.length === 0;
  useEffect(() => {
    if (isEmpty) return;
    const text = list.current?.parentElement?.querySelector('textarea');
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (event.key !== 'ArrowDown' || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
      if (event.isComposing || text?.selectionStart !== text?.value.length) return;
      event.preventDefault();
      list.current?.querySelector('button')?.focus();
    };
    const area = list.current?.parentElement;
    const onFocus = ({ target }: FocusEvent) =>
      setShown(target === text || list.current?.contains(target as Node) === true);
    text?.addEventListener('keydown', onKey);
    area?.addEventListener('focusin', onFocus);
    return () => {
      text?.removeEventListener('keydown', onKey);
      area?.removeEventListener('focusin', onFocus);
    };
  }, [list, isEmpty]);
  if (isEmpty) return null;
  const take = (index: number) => {
    const preset = notes[index];
    if (preset === undefined) return;
    setAt(index);
    onNote(withPreset(note, preset, notes));
    const text = field();
    text?.focus();
    // After React wrote the text: the reviewer goes on at its end.
    requestAnimationFrame(() => text?.setSelectionRange(text.value.length, text.value.length));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const acts: { [key: string]: (() => void) | undefined } = {
      ArrowRight: () => goTo(Math.min(here + 1, notes.length - 1)),
      ArrowDown: () => goTo(Math.min(here + 1, notes.length - 1)),
      ArrowLeft: () => (here === 0 ? field()?.focus() : goTo(here - 1)),
      ArrowUp: () => (here === 0 ? field()?.focus() : goTo(here - 1)),
      Home: () => goTo(0),
      End: () => goTo(notes.length - 1),
      Escape: () => field()?.focus(),
    };
    const act = /^[1-9]$/.test(event.key) ? () => take(Number(event.key) - 1) : acts[event.key];
    // In the list no other single key does anything, so that none decides.
    if (act === undefined && event.key.length !== 1) return;
    if (act === undefined && event.key === ' ') return;
    event.preventDefault();
    event.stopPropagation();
    if (!event.repeat || event.key.startsWith('Arrow')) act?.();
  };
  return (
    <div
      ref={list}
      className="presets"
      role="toolbar"
      tabIndex={-1}
      data-shown={isShown || answer === 'reject'}
      aria-label={answer === 'reject' ? 'Common reasons' : 'Quick notes'}
      onKeyDown={onKeyDown}
    >
      {notes.map((preset, index) => (
        <button
          key={preset}
          type="button"
          lang={language}
          className="button button-plain button-small"
          aria-pressed={note.startsWith(preset)}
          aria-keyshortcuts={String(index + 1)}
          onFocus={() => setAt(index)}
          onClick={() => take(index)}
        >
          <span>
            <LiteralText>{preset}</LiteralText>
          </span>
          <kbd aria-hidden="true">{index + 1}</kbd>
        </button>
      ))}
    </div>
  );
}
