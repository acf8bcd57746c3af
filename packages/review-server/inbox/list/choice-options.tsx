import type { RefObject } from 'react';
import { ListBox, ListBoxItem, Popover } from 'react-aria-components';

/** The open options of a `FilterChoice`. */
export function ChoiceOptions({
  label,
  trigger,
  entries,
  value,
  onChange,
  onClose,
}: {
  label: string;
  trigger: RefObject<HTMLElement | null>;
  entries: readonly { id: string; text: string }[];
  value: string;
  onChange: (id: string) => void;
  onClose: () => void;
}) {
  return (
    <Popover
      className="popover"
      aria-label={label}
      trigger="Select"
      triggerRef={trigger}
      isOpen
      onOpenChange={(open) => !open && onClose()}
    >
      <ListBox
        className="options"
        aria-label={label}
        autoFocus
        items={entries}
        selectionMode="single"
        selectedKeys={[value]}
        shouldFocusOnHover
        shouldSelectOnPressUp
        // The chosen entry, chosen again, leaves the set empty.
        onSelectionChange={(keys) => onChange(keys === 'all' ? value : String(keys.values().next().value ?? value))}
      >
        {({ id, text }) => (
          <ListBoxItem id={id} textValue={text} className="option">
            {text}
          </ListBoxItem>
        )}
      </ListBox>
    </Popover>
  );
}
