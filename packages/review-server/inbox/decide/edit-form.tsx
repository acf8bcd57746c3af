// The index of the package also loads a validator that needs `eval`.
import Form from '@rjsf/core/lib/components/Form.js';
import { useEffect, useRef, useState, type RefCallback } from 'react';
import type { WireObject } from '@holdpoint/cheqpoint/wire';
import type { ReviewerApproval } from '../../src/contract/reviewer-api.ts';
import { Changes } from '../approval/changes.tsx';
import { numberBeyondForms, plainJson, withOriginalNumbers } from '../approval/details.ts';
import { Section } from '../approval/section.tsx';
import { editableJson } from '../../src/contract/literal-parts.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { LiteralText } from '../ui/literal-text.tsx';
import { schemaOfValue, uiSchemaOf } from './form-schema.ts';
import { formTemplates, formWidgets } from './form-templates.tsx';
import { formValidator } from './json-schema-validator.ts';
import type { Edit } from './read-edit.ts';

type EditFormProps = {
  approval: ReviewerApproval;
  original: WireObject;
  edit: Edit;
  /** The edited JSON text. */
  text: string | undefined;
  onChange: (text: string | undefined) => void;
  /** For the element behind the last argument. */
  endRef: RefCallback<Element>;
};

/** The arguments as a form made from their schema, or as JSON. The changes follow below. */
export function EditForm({ approval, original, edit, text, onChange, endRef }: EditFormProps) {
  const beyond = numberBeyondForms(edit.edited ?? original);
  const [wantsJson, setWantsJson] = useState(false);
  const [undone, setUndone] = useState(0);
  const undo = () => {
    onChange(approval.draft?.edit ? editableJson(original) : undefined);
    setUndone(undone + 1);
  };
  const asJson = wantsJson || beyond !== undefined || edit.edited === undefined;
  const form = useRef<HTMLDivElement>(null);
  useEffect(() => form.current?.querySelector<HTMLElement>('input, textarea, select')?.focus(), []);
  return (
    <div ref={form} className="edit-form" tabIndex={-1}>
      <Section
        title="Edit arguments"
        tools={
          <span className="section-tools">
            {edit.isChanged && (
              <Button look="quiet" size="small" onPress={undo}>
                Undo all
              </Button>
            )}
            <Button
              look="quiet"
              size="small"
              isDisabled={beyond !== undefined || edit.edited === undefined}
              onPress={() => setWantsJson(!asJson)}
            >
              {asJson ? 'Edit as form' : 'Edit as JSON'}
            </Button>
          </span>
        }
      >
        {beyond !== undefined && (
          <p className="quiet-text">The number {beyond} is too precise for a form. Edit the arguments as JSON.</p>
        )}
        {asJson ? (
          <div className="json-editor">
            <Field
              label="Arguments as JSON"
              rows={Math.min(24, (text ?? editableJson(original)).split('\n').length + 1)}
              value={text ?? editableJson(original)}
              onChange={onChange}
              problem={edit.problem}
            />
          </div>
        ) : (
          // A new key after an undo only: a new form would take the field away from a user who is typing.
          <SchemaForm
            key={undone}
            approval={approval}
            original={original}
            edited={edit.edited ?? original}
            onChange={onChange}
          />
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
    const { [key]: present, ...others } = edited;
    onChange(editableJson(present === undefined ? { ...edited, [key]: original[key] } : others));
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

function SchemaForm({
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
  const [schema] = useState(() =>
    argumentsSchema === null ? schemaOfValue(plainJson(original)) : plainJson(argumentsSchema),
  );
  const [uiSchema] = useState(() => ({
    ...uiSchemaOf(plainJson(original)),
    'ui:submitButtonOptions': { norender: true },
  }));
  return (
    <Form
      className="schema-form"
      idPrefix="edit"
      tagName="div"
      schema={schema}
      uiSchema={uiSchema}
      formData={plainJson(edited)}
      validator={formValidator}
      templates={formTemplates}
      widgets={formWidgets}
      liveValidate="onChange"
      noHtml5Validate
      showErrorList={false}
      // Without defaults: they would change values that the reviewer did not touch.
      experimental_defaultFormStateBehavior={{ emptyObjectFields: 'skipDefaults', constAsDefaults: 'never' }}
      onChange={({ formData }) => onChange(JSON.stringify(withOriginalNumbers(formData, original), null, 2))}
    />
  );
}
