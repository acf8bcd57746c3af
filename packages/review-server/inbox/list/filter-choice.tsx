import { ChevronUpDownIcon } from '@heroicons/react/16/solid';
import { useRef, useState } from 'react';
import { lazyPart } from '../ui/lazy-part.tsx';
import { NativeButton } from '../ui/plain-button.tsx';

const ChoiceOptions = lazyPart(async () => (await import('./choice-options.tsx')).ChoiceOptions, {
  close: ({ onClose }) => onClose(),
});

/** A select of the filter bar. Its options are loaded when it opens. The entry with the empty id is no choice. */
export function FilterChoice({
  label,
  value,
  entries,
  any,
  onChange,
}: {
  label: string;
  value: string | undefined;
  entries: readonly { id: string; text: string }[];
  any: string;
  onChange: (value: string | undefined) => void;
}) {
  const trigger = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  const all = [{ id: '', text: any }, ...entries];
  const typed = useRef({ text: '', at: 0 });
  // Letters within half a second are one word, as in a native select.
  const jump = (letter: string) => {
    const now = performance.now();
    typed.current = { text: (now - typed.current.at < 500 ? typed.current.text : '') + letter.toLowerCase(), at: now };
    const found = all.find(({ text }) => text.toLowerCase().startsWith(typed.current.text));
    if (found !== undefined) onChange(found.id === '' ? undefined : found.id);
  };
  const shown = all.find(({ id }) => id === (value ?? ''))?.text ?? any;
  return (
    <div className="choice choice-compact" data-chosen={value === undefined ? undefined : true}>
      <NativeButton
        ref={trigger}
        className="choice-button"
        aria-label={`${shown} ${label}`}
        aria-haspopup="listbox"
        aria-expanded={isOpen}
        onPress={() => setOpen(true)}
        onArrow={() => setOpen(true)}
        onLetter={jump}
      >
        <span className="choice-value">{shown}</span>
        <ChevronUpDownIcon aria-hidden="true" />
      </NativeButton>
      {isOpen && (
        <ChoiceOptions
          label={label}
          trigger={trigger}
          entries={all}
          value={value ?? ''}
          onChange={(id) => {
            setOpen(false);
            onChange(id === '' ? undefined : id);
          }}
          onClose={() => setOpen(false)}
        />
      )}
    </div>
  );
}
