import { ChevronUpDownIcon } from '@heroicons/react/16/solid';
import type { ReactNode } from 'react';
import {
  Button,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select,
  SelectValue,
  Text,
  TextArea,
  TextField,
  type TextFieldProps,
} from 'react-aria-components';

export type FieldProps = Omit<TextFieldProps, 'className' | 'style' | 'children'> & {
  label: string;
  description?: ReactNode;
  placeholder?: string;
  /** Makes a text area with at least this many lines. Without it the field has one line. */
  rows?: number;
  problem?: string | undefined;
};

/** A text field with its label. */
export function Field({ label, description, placeholder, rows, problem, ...rest }: FieldProps) {
  return (
    <TextField {...rest} className="field" {...(problem !== undefined && { isInvalid: true })}>
      <Label>{label}</Label>
      {rows === undefined ? (
        <Input {...(placeholder === undefined ? {} : { placeholder })} />
      ) : (
        <TextArea rows={rows} {...(placeholder === undefined ? {} : { placeholder })} />
      )}
      {description !== undefined && (
        <Text slot="description" className="field-help">
          {description}
        </Text>
      )}
      <FieldError className="field-problem">{problem}</FieldError>
    </TextField>
  );
}

/** A select. `any` is the entry for no choice. Without it one entry is always chosen. */
export function Choice({
  label,
  hideLabel = false,
  value,
  entries,
  any,
  onChange,
}: {
  label: string;
  hideLabel?: boolean;
  value: string | undefined;
  entries: readonly { id: string; text: string }[];
  any?: string;
  onChange: (value: string | undefined) => void;
}) {
  const all = any === undefined ? entries : [{ id: '', text: any }, ...entries];
  return (
    <Select
      className={hideLabel ? 'choice choice-compact' : 'choice field'}
      data-chosen={value === undefined ? undefined : true}
      value={value ?? ''}
      onChange={(key) => onChange(key === '' || key === null ? undefined : String(key))}
      {...(hideLabel ? { 'aria-label': label } : {})}
    >
      {!hideLabel && <Label>{label}</Label>}
      <Button className="choice-button">
        <SelectValue />
        <ChevronUpDownIcon aria-hidden="true" />
      </Button>
      <Popover className="popover">
        <ListBox className="options" items={all}>
          {({ id, text }) => (
            <ListBoxItem id={id} textValue={text} className="option">
              {text}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  );
}
