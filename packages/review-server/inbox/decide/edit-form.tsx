import { useEffect, useMemo, useRef, useState, type RefCallback } from 'react';
import type { WireObject } from '@holdpoint/cheqpoint/wire';
import type { ReviewerApproval } from '../../src/contract/reviewer-api.ts';
import { Changes } from '../approval/changes.tsx';
import { numberBeyondForms } from '../approval/details.ts';
import { Section } from '../approval/section.tsx';
import { editableJson } from '../../src/contract/literal-parts.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { LiteralText } from '../ui/literal-text.tsx';
import { FormBoundary } from './form-boundary.tsx';
import type { UnreadableTexts } from './form-state.ts';
import type { Edit } from './read-edit.ts';
import { hasForm, SchemaForm } from './schema-form.tsx';

type EditFormProps = {
  approval: ReviewerApproval;
  original: WireObject;
  edit: Edit;
  /** The edited JSON text. */
  text: string | undefined;
  /** Texts of the form that are no values yet. */
  unreadable: UnreadableTexts | undefined;
  onChange: (text: string | undefined, unreadable?: UnreadableTexts) => void;
  /** For the element behind the last argument. */
  endRef: RefCallback<Element>;
};

/** The arguments as a form made from their schema, or as JSON. The changes follow below. */
export function EditForm({ approval, original, edit, text, unreadable = {}, onChange, endRef }: EditFormProps) {
  const beyond = numberBeyondForms(edit.edited ?? original);
  const [wantsJson, setWantsJson] = useState(false);
  const [undone, setUndone] = useState(0);
  const undo = () => {
    onChange(approval.draft?.edit ? editableJson(original) : undefined);
    setUndone(undone + 1);
  };
  const [hasFailed, setHasFailed] = useState(false);
  const { argumentsSchema } = approval;
  const isWithoutForm = useMemo(() => !hasForm(argumentsSchema), [argumentsSchema]) || hasFailed;
  const mustBeJson = beyond !== undefined || edit.edited === undefined || isWithoutForm;
  const asJson = wantsJson || mustBeJson;
  const toggleJson = () => {
    // The JSON has no place for a text that is no value.
    if (Object.keys(unreadable).length > 0) onChange(text);
    setWantsJson(!asJson);
  };
  const form = useRef<HTMLDivElement>(null);
  useEffect(() => form.current?.querySelector<HTMLElement>('input, textarea, select')?.focus(), []);
  return (
    <div ref={form} className="edit-form" tabIndex={-1}>
      <Section
        title="Edit arguments"
        tools={
          <span className="section-tools">
            {(edit.isChanged || Object.keys(unreadable).length > 0) && (
              <Button look="quiet" size="small" onPress={undo}>
                Undo all
              </Button>
            )}
            <Button look="quiet" size="small" isDisabled={mustBeJson} onPress={toggleJson}>
              {asJson ? 'Edit as form' : 'Edit as JSON'}
            </Button>
          </span>
        }
      >
        {beyond !== undefined && (
          <p className="quiet-text">The number {beyond} is too precise for a form. Edit the arguments as JSON.</p>
        )}
        {isWithoutForm && <p className="quiet-text">The form can’t show these arguments. Edit them as JSON.</p>}
        {asJson ? (
          <div className="json-editor">
            <Field
              label="Arguments as JSON"
              rows={Math.min(24, (text ?? editableJson(original)).split('\n').length + 1)}
              value={text ?? editableJson(original)}
              onChange={(typed) => onChange(typed)}
              problem={edit.problem}
            />
          </div>
        ) : (
          // A new key after an undo only: a new form would take the field away from a user who is typing.
          <FormBoundary key={undone} onError={() => setHasFailed(true)}>
            <SchemaForm
              argumentsSchema={argumentsSchema}
              original={original}
              edited={edit.edited ?? original}
              unreadable={unreadable}
              onChange={(changed, unread) => onChange(changed ?? text, unread)}
            />
          </FormBoundary>
        )}
        {!asJson && edit.edited !== undefined && (
          <RemovableFields approval={approval} original={original} edited={edit.edited} onChange={onChange} />
        )}
        <div ref={endRef} className="arguments-end" aria-hidden="true" />
      </Section>
      <Section title="Changes">
        <div aria-live="polite">
          {edit.edited === undefined ? (
            <p className="quiet-text">Fix the JSON to see the changes.</p>
          ) : (
            <Changes original={original} edited={edit.edited} />
          )}
        </div>
      </Section>
    </div>
  );
}

/** Buttons that remove a field which the schema does not require, or put it back. */
function RemovableFields({
  approval: { argumentsSchema },
  original,
  edited,
  onChange,
}: {
  approval: ReviewerApproval;
  original: WireObject;
  edited: WireObject;
  onChange: (text: string) => void;
}) {
  const required = argumentsSchema?.['required'];
  const keys = Object.keys(original).filter((key) => !(Array.isArray(required) && required.includes(key)));
  if (keys.length === 0) return null;
  const toggle = (key: string) => {
    const { [key]: _removed, ...others } = edited;
    onChange(editableJson(Object.hasOwn(edited, key) ? others : { ...edited, [key]: original[key] }));
  };
  return (
    <div className="presets" role="group" aria-label="Remove fields">
      {keys.map((key) => (
        <Button key={key} look="quiet" size="small" onPress={() => toggle(key)}>
          {Object.hasOwn(edited, key) ? 'Remove' : 'Put back'} <LiteralText>{key}</LiteralText>
        </Button>
      ))}
    </div>
  );
}
