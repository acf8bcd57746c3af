import { useRef, useState } from 'react';
import { Checkbox } from 'react-aria-components';
import type { Times, TimesList } from '../../src/contract/times.ts';
import { request } from '../api/request.ts';
import { Choice, Field } from '../ui/field.tsx';
import { ChangeDialog } from './change-dialog.tsx';
import { useCheck } from './check.ts';
import { problemsOf, risks, toBody, toForm, units, withAnother, withRoom, type Span, type Unit } from './times-form.ts';

/** Whose times: a group, or `everyone` for requests to no group. */
export type TimesOwner = { id: string; title: string; times: Times | null };

/** Sets the due times, reminders, further people and quiet hours of one owner. */
export function TimesDialog({
  owner,
  groups,
  onClose,
}: {
  owner: TimesOwner;
  groups: readonly string[];
  onClose: () => void;
}) {
  const [form, setForm] = useState(() => toForm(owner.times));
  const set = (change: Partial<typeof form>) => setForm({ ...form, ...change });
  const fields = useRef<HTMLDivElement>(null);
  const problems = problemsOf(form);
  const { isChecked, check } = useCheck(fields, problems.size > 0);
  const problem = (field: string) => (isChecked ? problems.get(field) : undefined);
  const { quiet } = form;
  const setQuiet = (change: Partial<typeof quiet>) => set({ quiet: { ...quiet, ...change } });
  // A group that was removed or renamed stays in the list until another is chosen.
  const names = [...new Set(['admins', ...groups, ...form.asked])].filter((name) => name !== '');
  return (
    <ChangeDialog
      title={`Times: ${owner.title}`}
      size="wide"
      verb="Save"
      check={check}
      change={() => request<TimesList>('PUT', `/times/${encodeURIComponent(owner.id)}`, toBody(form))}
      onDone={onClose}
      onClose={onClose}
    >
      <div ref={fields} className="change-form">
        <p className="quiet-text">
          They hold for requests that begin to wait from now on. An empty field means never. No request is approved by
          time.
        </p>
        <fieldset className="times-part">
          <legend>Due after</legend>
          <div className="two-columns">
            {risks.map((risk, index) => (
              <SpanField
                key={risk}
                label={risk[0]!.toUpperCase() + risk.slice(1)}
                autoFocus={index === 0}
                span={form.due[risk]}
                problem={problem(risk)}
                onChange={(span) => set({ due: { ...form.due, [risk]: span } })}
              />
            ))}
          </div>
        </fieldset>
        <fieldset className="times-part">
          <legend>Remind after</legend>
          <div className="two-columns">
            {form.reminders.map((span, index) => (
              <SpanField
                // oxlint-disable-next-line react/no-array-index-key -- A reminder has no other identity.
                key={index}
                label={`Reminder ${index + 1}`}
                span={span}
                problem={problem(`reminder ${index}`)}
                onChange={(changed) => set({ reminders: withRoom(form.reminders.with(index, changed)) })}
              />
            ))}
          </div>
        </fieldset>
        <fieldset className="times-part">
          <legend>Asked then, in addition</legend>
          <div className="two-columns">
            {form.asked.map((name, index) => (
              <Choice
                // oxlint-disable-next-line react/no-array-index-key -- The place in the order is the identity.
                key={index}
                label={index === 0 ? 'When it is due' : `After the same span again (${index + 1})`}
                any="No others"
                value={name === '' ? undefined : name}
                entries={names
                  .filter((each) => each === name || !form.asked.includes(each))
                  .map((each) => ({ id: each, text: each === 'admins' ? 'The administrators' : each }))}
                onChange={(chosen) => set({ asked: withAnother(form.asked.with(index, chosen ?? '')) })}
              />
            ))}
          </div>
        </fieldset>
        <Checkbox className="checkbox" isSelected={form.isQuiet} onChange={(isQuiet) => set({ isQuiet })}>
          <span className="checkbox-box" aria-hidden="true" />
          Quiet hours
          <span className="quiet-text">Reminders and due times in them come at their end</span>
        </Checkbox>
        {form.isQuiet && (
          <>
            <div className="two-columns three-columns">
              <Field
                label="From"
                placeholder="18:00"
                value={quiet.from}
                onChange={(from) => setQuiet({ from })}
                problem={problem('from')}
              />
              <Field
                label="Until"
                placeholder="08:00"
                value={quiet.until}
                onChange={(until) => setQuiet({ until })}
                problem={problem('until')}
              />
              <Field
                label="Time zone"
                placeholder="Europe/Berlin"
                autoComplete="off"
                value={quiet.zone}
                onChange={(zone) => setQuiet({ zone })}
                problem={problem('zone')}
              />
            </div>
            <Checkbox className="checkbox" isSelected={quiet.weekends} onChange={(weekends) => setQuiet({ weekends })}>
              <span className="checkbox-box" aria-hidden="true" />
              Saturday and Sunday are quiet
            </Checkbox>
          </>
        )}
      </div>
    </ChangeDialog>
  );
}

function SpanField({
  label,
  autoFocus = false,
  span,
  problem,
  onChange,
}: {
  label: string;
  autoFocus?: boolean;
  span: Span;
  problem: string | undefined;
  onChange: (span: Span) => void;
}) {
  return (
    <div className="span-field">
      <Field
        label={label}
        inputMode="numeric"
        autoComplete="off"
        placeholder="never"
        autoFocus={autoFocus}
        value={span.amount}
        onChange={(amount) => onChange({ ...span, amount })}
        problem={problem}
      />
      <Choice
        label={`${label}: unit`}
        hideLabel
        value={span.unit}
        entries={units}
        onChange={(unit) => onChange({ ...span, unit: unit as Unit })}
      />
    </div>
  );
}
