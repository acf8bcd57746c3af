import {
  getInputProps,
  type ArrayFieldItemTemplateProps,
  type BaseInputTemplateProps,
  type IconButtonProps,
  type TemplatesType,
  type WidgetProps,
} from '@rjsf/utils';
import type { ChangeEvent } from 'react';
import { isSafeNumber } from '../approval/details.ts';
import { literalParts } from '../../src/contract/literal-parts.ts';
import { LiteralText } from '../ui/literal-text.tsx';

/** Templates of the form library with the styles and button labels of this page. */
export const formTemplates: Partial<Omit<TemplatesType, 'ButtonTemplates'>> & {
  ButtonTemplates: Partial<TemplatesType['ButtonTemplates']>;
} = {
  BaseInputTemplate: TextInput,
  ArrayFieldItemTemplate: ArrayItem,
  ButtonTemplates: {
    AddButton: (props) => <FormButton {...props}>Add</FormButton>,
    RemoveButton: (props) => <FormButton {...props}>Remove</FormButton>,
    MoveUpButton: (props) => <FormButton {...props}>Up</FormButton>,
    MoveDownButton: (props) => <FormButton {...props}>Down</FormButton>,
    CopyButton: (props) => <FormButton {...props}>Copy</FormButton>,
    ClearButton: (props) => <FormButton {...props}>Clear</FormButton>,
  },
};

export const formWidgets = { TextareaWidget: TextArea };

function TextInput({
  id,
  htmlName,
  value,
  required,
  readonly,
  disabled,
  schema,
  type,
  options,
  rawErrors,
  onChange,
  onChangeOverride,
  onBlur,
  onFocus,
}: BaseInputTemplateProps<unknown>) {
  const { type: inputType, ...inputProps } = getInputProps(schema, type, options);
  const isNumber = inputType === 'number';
  const text = value === undefined || value === null ? '' : String(value);
  const change = (event: ChangeEvent<HTMLInputElement>) => {
    if (onChangeOverride !== undefined) return onChangeOverride(event);
    return onChange(event.target.value === '' ? options.emptyValue : event.target.value);
  };
  return (
    <>
      <input
        id={id}
        name={htmlName ?? id}
        value={text}
        required={required}
        readOnly={readonly}
        disabled={disabled}
        // A number input of the browser would round and hide the typed text.
        type={isNumber ? 'text' : inputType}
        inputMode={isNumber ? 'decimal' : undefined}
        step={isNumber ? undefined : inputProps.step}
        aria-invalid={(rawErrors?.length ?? 0) > 0}
        aria-describedby={`${id}__error ${id}__description ${id}__literal`}
        onChange={change}
        onBlur={() => onBlur(id, value)}
        onFocus={() => onFocus(id, value)}
        spellCheck={false}
        autoComplete="off"
      />
      {isNumber && text !== '' && Number.isFinite(Number(text)) && !isSafeNumber(text) && (
        <p className="field-problem">This number is too precise for a form. Edit it as JSON.</p>
      )}
      {!isNumber && <Unseen id={id} text={text} />}
    </>
  );
}

function TextArea({
  id,
  htmlName,
  value,
  required,
  readonly,
  disabled,
  options,
  rawErrors,
  onChange,
  onBlur,
  onFocus,
}: WidgetProps<unknown>) {
  const text = typeof value === 'string' ? value : '';
  return (
    <>
      <textarea
        id={id}
        name={htmlName ?? id}
        value={text}
        required={required}
        readOnly={readonly}
        disabled={disabled}
        rows={Number(options.rows ?? 4)}
        spellCheck={false}
        aria-invalid={(rawErrors?.length ?? 0) > 0}
        aria-describedby={`${id}__error ${id}__description ${id}__literal`}
        onChange={(event) => onChange(event.target.value === '' ? options.emptyValue : event.target.value)}
        onBlur={() => onBlur(id, value)}
        onFocus={() => onFocus(id, value)}
      />
      <Unseen id={id} text={text} />
    </>
  );
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

function ArrayItem({ children, buttonsProps, hasToolbar, registry }: ArrayFieldItemTemplateProps<unknown>) {
  const { ArrayFieldItemButtonsTemplate: Buttons } = registry.templates;
  return (
    <div className="form-item">
      <div className="form-item-field">{children}</div>
      {hasToolbar && (
        <div className="form-item-tools">
          <Buttons {...buttonsProps} />
        </div>
      )}
    </div>
  );
}

function FormButton({ id, onClick, disabled, children }: IconButtonProps & { children: string }) {
  return (
    <button type="button" id={id} className="button button-plain button-small" disabled={disabled} onClick={onClick}>
      {children}
    </button>
  );
}
