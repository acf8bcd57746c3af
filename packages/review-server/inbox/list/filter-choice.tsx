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
