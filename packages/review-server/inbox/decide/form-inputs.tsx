import { isJsonObject } from '@holdpoint/json';
import { useState, type ReactNode } from 'react';
import { numberBeyondForms, plainJson } from '../approval/details.ts';
import { editableJson, literalParts } from '../../src/contract/literal-parts.ts';
import { LiteralText } from '../ui/literal-text.tsx';
import { idOf, pointerOf, useForm, type Path } from './form-state.ts';
import { readExactJson } from './read-edit.ts';
import { readNumber } from './read-number.ts';
import { constantTitle, equals, type FormSchema } from './schema-branches.ts';

const longCharacters = 70;

/** One control of the form. */
export type InputProps = {
  schema: FormSchema;
  value: unknown;
  path: Path;
  label: string;
  isRequired: boolean;
  /** An emptied field removes its key. */
  isRemovable: boolean;
  /** The branch of the union around this control. */
  branch?: number | undefined;
  /** A union has the visible label. */
  hasLabel?: boolean;
};

export function TextInput(props: InputProps) {
  const { value, path, isRemovable } = props;
  const { write } = useForm();
  const text = typeof value === 'string' ? value : '';
  // The kind of field stays while the user types. A text that was missing is missing again once it is empty.
  const [isLong] = useState(() => text.length > longCharacters || text.includes('\n'));
  const [wasMissing] = useState(value === undefined);
  const id = idOf(path);
  const common = {
    ...useAttributes(props),
    value: text,
    onChange: ({ target }: { target: { value: string } }) =>
      write(path, target.value === '' && wasMissing && isRemovable ? undefined : target.value),
  };
  const rows = Math.min(14, Math.max(3, text.split('\n').length, Math.ceil(text.length / longCharacters)));
  return (
    <FormGroup {...props}>
      {isLong ? <textarea {...common} rows={rows} /> : <input {...common} type="text" />}
      <Unseen id={id} text={text} />
    </FormGroup>
  );
}

/** A text field, since a number input of the browser would round and hide the typed text. */
export function NumberInput(props: InputProps & { isInteger: boolean }) {
  const { value, path, isInteger, isRemovable, branch } = props;
  const { unreadable, hasGroupsByPoint, write, keep } = useForm();
  // The notation as typed, such as 1.50.
  const [typed, setTyped] = useState('');
  const isTyped = typed !== '' && Number(typed) === value;
  const number = typeof value === 'number' ? String(value) : '';
  const change = (text: string) => {
    setTyped(text);
    if (text === '' && isRemovable) return write(path, undefined);
    const read = readNumber(text, { isInteger, hasGroupsByPoint });
    return typeof read === 'number' ? write(path, read) : keep(path, { text, problem: read, branch });
  };
  return (
    <FormGroup {...props}>
      <input
        {...useAttributes(props)}
        type="text"
        inputMode="decimal"
        value={unreadable[pointerOf(path)]?.text ?? (isTyped ? typed : number)}
        onChange={({ target }) => change(target.value)}
      />
    </FormGroup>
  );
}

export function EnumInput(props: InputProps) {
  const { schema, value, path } = props;
  const { unreadable, write } = useForm();
  const values = schema['enum'] as unknown[];
  const isUnread = unreadable[pointerOf(path)] !== undefined;
  const chosen = isUnread ? -1 : values.findIndex((one) => equals(one, value));
  const isOutside = !isUnread && chosen === -1 && value !== undefined;
  const titles = values.map(constantTitle);
  return (
    <FormGroup {...props}>
      <ChoiceInput
        attributes={useAttributes(props)}
        titles={isOutside ? [...titles, `${constantTitle(value)} (not in the list)`] : titles}
        chosen={isOutside ? values.length : chosen}
        onChange={(index) => write(path, values[index])}
      />
    </FormGroup>
  );
}

/** A select of the browser. Without a choice it shows “Choose…”. */
export function ChoiceInput({
  attributes,
  titles,
  chosen,
  onChange,
}: {
  attributes: object;
  titles: readonly string[];
  chosen: number;
  onChange: (index: number) => void;
}) {
  return (
    <select
      {...attributes}
      value={chosen === -1 ? '' : String(chosen)}
      onChange={({ target }) => onChange(Number(target.value))}
    >
      {chosen === -1 && (
        <option value="" disabled>
          Choose…
        </option>
      )}
      {titles.map((title, index) => (
        <option key={index} value={index}>
          {title}
        </option>
      ))}
    </select>
  );
}

export function BooleanInput(props: InputProps) {
  const { value, path, label, isRequired } = props;
  const { write } = useForm();
  const { 'aria-required': _required, ...attributes } = useAttributes(props);
  return (
    <FormGroup {...props} hasLabel={false}>
      <span className="checkbox">
        <label htmlFor={idOf(path)}>
          <input
            {...attributes}
            type="checkbox"
            checked={value === true}
            onChange={({ target }) => write(path, target.checked)}
          />
          <LabelText label={label} isRequired={isRequired} />
        </label>
      </span>
    </FormGroup>
  );
}

/** A part that has no control in the form. */
export function JsonInput(props: InputProps) {
  const { value, path, isRemovable, branch } = props;
  const { unreadable, write, keep } = useForm();
  const [typed, setTyped] = useState<{ text: string; value: unknown }>();
  const json = value === undefined ? '' : editableJson(value);
  const text = unreadable[pointerOf(path)]?.text ?? (typed && equals(typed.value, value) ? typed.text : json);
  const change = (changed: string) => {
    if (changed.trim() === '' && isRemovable) return write(path, undefined);
    const read = readJson(changed);
    if ('problem' in read) return keep(path, { text: changed, problem: read.problem, branch });
    setTyped({ text: changed, value: read.value });
    return write(path, read.value);
  };
  return (
    <FormGroup {...props} help="The form has no field for this part. Edit it as JSON.">
      <textarea
        {...useAttributes(props)}
        rows={Math.min(14, Math.max(2, text.split('\n').length))}
        value={text}
        onChange={({ target }) => change(target.value)}
      />
      <Unseen id={idOf(path)} text={text} />
    </FormGroup>
  );
}

function readJson(text: string): ReturnType<typeof readExactJson> {
  const read = readExactJson(text);
  if ('problem' in read) return read;
  return numberBeyondForms(read.value) === undefined
    ? { value: plainJson(read.value) }
    : { problem: 'This number is too precise for a form. Edit all arguments as JSON.' };
}

/** The label, the description, the control and the problems. */
function FormGroup({
  schema,
  path,
  label,
  isRequired,
  hasLabel = true,
  help,
  children,
}: InputProps & { help?: string; children: ReactNode }) {
  return (
    <div className="form-group">
      {hasLabel && (
        <label htmlFor={idOf(path)}>
          <LabelText label={label} isRequired={isRequired} />
        </label>
      )}
      <Description schema={schema} path={path} help={help} />
      {children}
      <Problems path={path} />
    </div>
  );
}

export function LabelText({ label, isRequired }: { label: string; isRequired: boolean }) {
  return (
    <>
      <LiteralText>{label}</LiteralText>
      {isRequired && <span className="required" aria-hidden="true" />}
    </>
  );
}

export function Description({ schema, path, help }: { schema: FormSchema; path: Path; help?: string | undefined }) {
  const { description } = schema;
  const text = [typeof description === 'string' ? description : '', help ?? ''].filter((part) => part !== '').join(' ');
  if (text === '') return null;
  return (
    <p id={`${idOf(path)}__description`} className="field-description">
      <LiteralText>{text}</LiteralText>
    </p>
  );
}

/** The unreadable text's problem, or the violations of the schema. */
export function Problems({ path }: { path: Path }) {
  const messages = useProblems(path);
  if (messages.length === 0) return null;
  return (
    <div id={`${idOf(path)}__error`} className="error-detail">
      {messages.map((message) => (
        <p key={message}>{message}</p>
      ))}
    </div>
  );
}

function useProblems(path: Path): readonly string[] {
  const { problems, unreadable } = useForm();
  const pointer = pointerOf(path);
  const unread = unreadable[pointer];
  return unread === undefined ? (problems.get(pointer) ?? []) : [unread.problem];
}

function useAttributes({ path, label, isRequired, hasLabel = true }: InputProps) {
  const id = idOf(path);
  return {
    id,
    name: id,
    ...(hasLabel ? {} : { 'aria-label': label }),
    'aria-required': isRequired,
    'aria-invalid': useProblems(path).length > 0,
    'aria-describedby': `${id}__error ${id}__description ${id}__literal`,
    spellCheck: false,
    autoComplete: 'off',
  };
}

/** Repeats a text that has invisible or misleading characters, with their code points. */
function Unseen({ id, text }: { id: string; text: string }) {
  if (literalParts(text).every((part) => 'text' in part)) return null;
  return (
    <p id={`${id}__literal`} className="unseen">
      Contains invisible or misleading characters:{' '}
      <span className="unseen-text">
        <LiteralText>{text}</LiteralText>
      </span>
    </p>
  );
}

/** The first text in an item, which tells it from its neighbours. */
export function nameOfItem(value: unknown): string | undefined {
  const texts = isJsonObject(value) ? Object.values(value) : [];
  const name = texts.find((text) => typeof text === 'string' && text !== '');
  return typeof name === 'string' ? name.slice(0, longCharacters / 2) : undefined;
}
