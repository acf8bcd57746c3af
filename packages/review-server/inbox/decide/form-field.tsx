import { isJsonObject, ownValue } from '@holdpoint/json';
import { useRef, useState } from 'react';
import {
  BooleanInput,
  ChoiceInput,
  Description,
  EnumInput,
  JsonInput,
  LabelText,
  nameOfItem,
  NumberInput,
  Problems,
  TextInput,
  type InputProps,
} from './form-inputs.tsx';
import { schemaOfValue } from './form-schema.ts';
import { idOf, pointerOf, useForm } from './form-state.ts';
import { constantOf, constantTitle, type FormSchema, type Shape } from './schema-branches.ts';

type FieldProps = Omit<InputProps, 'schema'> & {
  schema: unknown;
  /** The property that tells the branches apart. The select of the union shows it. */
  discriminator?: string | undefined;
};

/** The control for one part of the arguments. A value that does not fit its control is edited as JSON. */
export function FormField({ schema: part, discriminator, ...rest }: FieldProps) {
  const { branches, unreadable } = useForm();
  const schema = branches.resolve(part);
  const shape = branches.shapeOf(schema);
  const title = schema['title'];
  const props: InputProps = {
    ...rest,
    schema,
    label: typeof title === 'string' && title !== '' && rest.hasLabel !== false ? title : rest.label,
  };
  const { value, path } = props;
  if (shape === 'union') return <UnionField {...props} />;
  const isUnread = unreadable[pointerOf(path)] !== undefined;
  if (value !== undefined && !isUnread && !branches.isKind(schema, value)) return <JsonInput {...props} />;
  switch (shape) {
    case 'const':
      return <ConstantField {...props} />;
    case 'null':
      return value === undefined ? <AddPart {...props} /> : null;
    case 'enum':
      return <EnumInput {...props} />;
    case 'number':
    case 'integer':
      return <NumberInput {...props} isInteger={shape === 'integer'} />;
    case 'boolean':
      return <BooleanInput {...props} />;
    case 'object':
      return value === undefined ? <AddPart {...props} /> : <ObjectField {...props} discriminator={discriminator} />;
    case 'array':
      return value === undefined ? <AddPart {...props} /> : <ListField {...props} />;
    case 'string':
      return <TextInput {...props} />;
    default:
      return <JsonInput {...props} />;
  }
}

const emptyProblems: Partial<Record<Shape, string>> = {
  number: 'Enter a number.',
  integer: 'Enter a whole number.',
  enum: 'Choose a value.',
};

/** A select for the branch, “no value” for null, and the control of the chosen branch. */
function UnionField(props: InputProps) {
  const { schema, value, path, label, isRequired, hasLabel = true } = props;
  const { branches, unreadable, write, keep } = useForm();
  const id = idOf(path);
  const options = branches.optionsOf(schema);
  const discriminator = branches.discriminatorOf(options);
  const [picked, setPicked] = useState(-1);
  const left = useRef(new Map<number, unknown>());
  const isPicked = options[picked] !== undefined && value !== undefined && branches.isKind(options[picked], value);
  const chosen = unreadable[pointerOf(path)]?.branch ?? (isPicked ? picked : branches.branchOf(options, value));
  const option = options[chosen];
  // A constant that no branch has stays visible.
  const isTold =
    option !== undefined && discriminator !== undefined && branches.hasConstant(option, discriminator, value);
  const titles = distinct(options.map((each) => branches.titleOf(each, discriminator)));
  const choose = (index: number) => {
    left.current.set(chosen, value);
    setPicked(index);
    const next = options[index]!;
    const earlier = left.current.get(index);
    const blank = earlier !== undefined && branches.isKind(next, earlier) ? earlier : branches.blankOf(next);
    if (blank !== undefined) return write(path, blank);
    const problem = emptyProblems[branches.shapeOf(next)] ?? 'Enter a value as JSON.';
    return keep(path, { text: '', problem, branch: index });
  };
  const shape = option === undefined ? 'json' : branches.shapeOf(option);
  const hasControl = shape !== 'null' && shape !== 'const' && !(option === undefined && value === undefined);
  const selectId = `${id}__${Array.isArray(schema['oneOf']) ? 'oneof' : 'anyof'}_select`;
  return (
    <div className="form-group form-union">
      {hasLabel && (
        <label htmlFor={selectId}>
          <LabelText label={label} isRequired={isRequired} />
        </label>
      )}
      <Description schema={schema} path={path} />
      <ChoiceInput
        attributes={{
          id: selectId,
          'aria-describedby': `${id}__description ${id}__error`,
          ...(hasLabel ? {} : { 'aria-label': label }),
        }}
        titles={titles}
        chosen={chosen}
        onChange={choose}
      />
      {hasControl ? (
        <FormField
          key={chosen}
          {...props}
          schema={withoutTitle(option)}
          label={`${label}: ${titles[chosen] ?? 'JSON'}`}
          hasLabel={false}
          isRemovable={false}
          branch={chosen}
          discriminator={isTold ? discriminator : undefined}
        />
      ) : (
        <Problems path={path} />
      )}
    </div>
  );
}

/** The same titles get numbers. */
function distinct(titles: readonly string[]): string[] {
  return titles.map((title, index) =>
    titles.filter((other) => other === title).length === 1
      ? title
      : `${title} ${titles.slice(0, index + 1).filter((other) => other === title).length}`,
  );
}

/** The select shows the title. */
function withoutTitle({ title: _title, ...schema }: FormSchema = {}): FormSchema {
  return schema;
}

function ObjectField({
  schema,
  value,
  path,
  label,
  isRequired,
  hasLabel = true,
  discriminator,
}: Omit<FieldProps, 'schema'> & { schema: FormSchema }) {
  const { properties, required, additionalProperties } = schema;
  const named = Object.keys(properties as object).filter((key) => key !== discriminator);
  const others = Object.keys(value as object).filter((key) => !Object.hasOwn(properties as object, key));
  const isRoot = path.length === 0;
  return (
    <fieldset id={idOf(path)} {...(isRoot || hasLabel ? {} : { 'aria-label': label })}>
      {!isRoot && hasLabel && (
        <legend>
          <LabelText label={label} isRequired={isRequired} />
        </legend>
      )}
      <Description schema={schema} path={path} />
      {[...named, ...others].map((key) => (
        <FormField
          key={key}
          schema={
            Object.hasOwn(properties as object, key)
              ? ownValue(properties, key)
              : isJsonObject(additionalProperties)
                ? additionalProperties
                : schemaOfValue(ownValue(value, key))
          }
          value={ownValue(value, key)}
          path={[...path, key]}
          label={key}
          isRequired={Array.isArray(required) && required.includes(key)}
          isRemovable
        />
      ))}
      <Problems path={path} />
    </fieldset>
  );
}

/** A list. Its items are named by their place. */
function ListField({ schema, value, path, label, isRequired, hasLabel = true }: InputProps) {
  const { branches, write } = useForm();
  const items = value as unknown[];
  const list = useRef<HTMLFieldSetElement>(null);
  // Keys that follow the items, so that a field keeps its text when another item goes.
  const [keys, setKeys] = useState<readonly number[]>(() => items.map((_, index) => index));
  const item = branches.resolve(schema['items']);
  const add = () => {
    const at = items.length;
    setKeys([...keys.slice(0, at), Math.max(-1, ...keys) + 1]);
    const blank = branches.blankOf(item);
    if (blank !== undefined) return write([...path, at], blank);
    const problem = emptyProblems[branches.shapeOf(item)] ?? 'Enter a value.';
    const text = { path: [...path, at], text: { text: '', problem } };
    // A list has no gaps: null stands in the place until the reviewer enters a value.
    return write([...path, at], null, text);
  };
  const move = (order: readonly number[]) => {
    // The buttons of a removed item go with it.
    if (order.length < items.length) list.current?.querySelector<HTMLElement>(':scope > .button')?.focus();
    setKeys(order.map((index) => keys[index] ?? index));
    write(
      path,
      order.map((index) => items[index]),
    );
  };
  const places = items.map((_, index) => index);
  return (
    <fieldset id={idOf(path)} ref={list} {...(hasLabel ? {} : { 'aria-label': label })}>
      {hasLabel && (
        <legend>
          <LabelText label={label} isRequired={isRequired} />
        </legend>
      )}
      <Description schema={schema} path={path} />
      {items.map((each, index) => {
        const name = nameOfItem(each);
        const place = `${label} ${index + 1}`;
        return (
          <div key={keys[index] ?? index} className="form-item">
            <div className="form-item-field">
              <FormField
                schema={withoutTitle(item)}
                value={each}
                path={[...path, index]}
                label={name === undefined ? place : `${place}: ${name}`}
                isRequired={false}
                isRemovable={false}
              />
            </div>
            <div className="form-item-tools">
              {index > 0 && <ItemButton action="Up" place={place} onPress={() => move(swapped(places, index - 1))} />}
              {index < items.length - 1 && (
                <ItemButton action="Down" place={place} onPress={() => move(swapped(places, index))} />
              )}
              <ItemButton action="Remove" place={place} onPress={() => move(places.filter((at) => at !== index))} />
            </div>
          </div>
        );
      })}
      <button type="button" className="button button-plain button-small" aria-label={`Add to ${label}`} onClick={add}>
        Add
      </button>
      <Problems path={path} />
    </fieldset>
  );
}

/** The places with this one and the next exchanged. */
function swapped(places: readonly number[], at: number): number[] {
  return places.map((place) => (place === at ? at + 1 : place === at + 1 ? at : place));
}

function ItemButton({ action, place, onPress }: { action: string; place: string; onPress: () => void }) {
  return (
    <button
      type="button"
      className="button button-plain button-small"
      aria-label={`${action} ${place}`}
      onClick={onPress}
    >
      {action}
    </button>
  );
}

/** A part that is missing, and the button that adds it. */
function AddPart({ schema, path, label, isRequired }: InputProps) {
  const { branches, write } = useForm();
  return (
    <div className="form-group">
      <Description schema={schema} path={path} />
      <button
        type="button"
        className="button button-plain button-small"
        onClick={() => write(path, branches.blankOf(schema))}
      >
        Add <LabelText label={label} isRequired={isRequired} />
      </button>
      <Problems path={path} />
    </div>
  );
}

/** A value without alternatives. */
function ConstantField({ schema, value, path, label, isRequired }: InputProps) {
  if (value === undefined)
    return <AddPart schema={schema} value={value} path={path} label={label} isRequired={isRequired} isRemovable />;
  return (
    <div className="form-group">
      <p className="form-constant">
        <LabelText label={label} isRequired={isRequired} />: <code>{constantTitle(constantOf(schema))}</code>
      </p>
      <Description schema={schema} path={path} />
      <Problems path={path} />
    </div>
  );
}
