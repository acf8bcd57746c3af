import { useState, type FormEvent } from 'react';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';

const mostFilters = 30;

/** Asks for the name of a filter to save. */
export function SaveFilterDialog({
  names,
  onSave,
  onClose,
}: {
  names: readonly string[];
  onSave: (name: string) => void;
  onClose: () => void;
}) {
  const [name, setName] = useState('');
  const [isChecked, setChecked] = useState(false);
  const trimmed = name.trim();
  const replaces = names.includes(trimmed);
  const problem =
    trimmed === ''
      ? 'Enter a name.'
      : names.length >= mostFilters && !replaces
        ? `You have ${mostFilters} saved filters. Remove one first.`
        : undefined;
  const save = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (problem !== undefined) return;
    onSave(trimmed);
    onClose();
  };
  return (
    <Dialog title="Save filter" isOpen onClose={onClose}>
      <form className="change-form" onSubmit={save}>
        <Field
          label="Name"
          description={
            replaces ? 'Replaces the saved filter of this name.' : 'This saves the box, the search and the filters.'
          }
          autoFocus
          maxLength={60}
          value={name}
          onChange={setName}
          problem={isChecked ? problem : undefined}
        />
        <div className="dialog-actions">
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" look="primary">
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
