import type { WireObject } from '@holdpoint/cheqpoint/wire';
import { laxSchema, type Json } from '@holdpoint/json';
import { useMemo } from 'react';
import { plainJson, withOriginalNumbers } from '../approval/details.ts';
import { FormField } from './form-field.tsx';
import { schemaOfValue } from './form-schema.ts';
import { FormContext, pointerOf, withoutPart, withPart, type UnreadableTexts } from './form-state.ts';
import { groupsByPoint } from './read-number.ts';
import { problemsOfBranches } from './read-edit.ts';
import { SchemaBranches, type FormSchema } from './schema-branches.ts';

type SchemaFormProps = {
  argumentsSchema: WireObject | null;
  original: WireObject;
  edited: WireObject;
  unreadable: UnreadableTexts;
  /** The edited JSON text. Undefined while only an unreadable text changed. */
  onChange: (text: string | undefined, unreadable: UnreadableTexts) => void;
};

/** True if the arguments have a form. The others are edited as JSON. */
export function hasForm(argumentsSchema: WireObject | null): boolean {
  if (argumentsSchema === null) return true;
  try {
    const schema = formSchema(argumentsSchema);
    const branches = new SchemaBranches(schema);
    const shape = branches.shapeOf(branches.resolve(schema));
    return shape === 'object' || shape === 'union';
  } catch {
    // Such as a reference with a malformed escape.
    return false;
  }
}

/** The form of the arguments, made from their schema or else from their values. */
export function SchemaForm({ argumentsSchema, original, edited, unreadable, onChange }: SchemaFormProps) {
  const schema = useMemo(
    () => (argumentsSchema === null ? schemaOfValue(plainJson(original)) : formSchema(argumentsSchema)),
    [argumentsSchema, original],
  );
  const branches = useMemo(() => new SchemaBranches(schema), [schema]);
  const hasGroupsByPoint = useMemo(() => groupsByPoint(), []);
  const value = plainJson(edited);
  const problems = new Map<string, string[]>();
  for (const { pointer, message } of problemsOfBranches(schema, value))
    problems.set(pointer, [...(problems.get(pointer) ?? []), message]);
  return (
    <FormContext
      value={{
        branches,
        problems,
        unreadable,
        hasGroupsByPoint,
        write: (path, part, unread) => {
          const changed = withPart(value, path, part, branches.keysAt(path.slice(0, -1), value));
          onChange(JSON.stringify(withOriginalNumbers(changed, original), null, 2), {
            ...withoutPart(unreadable, path),
            ...(unread && { [pointerOf(unread.path)]: unread.text }),
          });
        },
        keep: (path, unread) => onChange(undefined, { ...withoutPart(unreadable, path), [pointerOf(path)]: unread }),
      }}
    >
      <div className="schema-form">
        <FormField schema={schema} value={value} path={[]} label="Arguments" isRequired isRemovable={false} />
      </div>
    </FormContext>
  );
}

function formSchema(argumentsSchema: WireObject): FormSchema {
  return laxSchema(plainJson(argumentsSchema) as Json) as FormSchema;
}
