import { useMutation } from '@tanstack/react-query';
import { useEffect, useId, useRef, useState } from 'react';
import type { Rule, RuleCondition, RuleOperator, RuleTrial } from '../../src/contract/review-admin.ts';
import { toCondition, toTyped, ValueProblem, type TypedCondition } from '../../src/contract/typed-condition.ts';
import { problemText, request } from '../api/request.ts';
import { Button } from '../ui/button.tsx';
import { Choice, Field } from '../ui/field.tsx';
import { Notice } from '../ui/notice.tsx';
import { Switch } from '../ui/switch.tsx';
import { ChangeDialog } from './change-dialog.tsx';
import { useCheck } from './check.ts';
import { fieldSuggestions, operatorWords } from './rule-conditions.ts';
import { RuleStagesFields, type RuleStages } from './rule-stages.tsx';
import { RuleTrialResult } from './rule-trial.tsx';

const operatorOptions = (Object.keys(operatorWords) as RuleOperator[]).map((id) => ({ id, text: operatorWords[id] }));
const decisionOptions = [
  { id: 'approve', text: 'Approve' },
  { id: 'reject', text: 'Reject' },
  { id: 'review', text: 'Send to review' },
];

/** The form of a rule with a test on the requests of the last 30 days. */
export function RuleDialog({ rule, onClose }: { rule: Rule | undefined; onClose: () => void }) {
  const [name, setName] = useState(rule?.name ?? '');
  const [stored] = useState(() => rule?.conditions.map(toTyped));
  const [conditions, setConditions] = useState<readonly TypedCondition[]>(
    stored ?? [{ field: 'action', operator: 'is', value: '' }],
  );
  const [decision, setDecision] = useState<Rule['decision']>(rule?.decision ?? 'review');
  const [stages, setStages] = useState<RuleStages>(rule?.by ?? []);
  const [enabled, setEnabled] = useState(rule?.enabled ?? false);
  // Unchanged conditions are not sent, so that old ones stay valid even when the form would refuse them now.
  const read = conditions === stored ? undefined : conditions.map(readCondition);
  const fieldset = useFocusOnConditions(conditions.length);
  const { isChecked, check, forget } = useCheck(fieldset, read?.some(({ problem }) => problem !== undefined) ?? false);
  const content = {
    ...(read !== undefined && { conditions: read.flatMap(({ condition }) => condition ?? []) }),
    decision,
  };
  const attempt = useMutation({
    mutationFn: () =>
      request<RuleTrial>('POST', '/rules/try', { ...content, ...(rule === undefined ? {} : { id: rule.id }) }),
  });
  const save = () => {
    const by = decision === 'review' && stages.length > 0 ? stages : null;
    const body = { name, ...content, by, enabled };
    return rule === undefined
      ? request('POST', '/rules', body)
      : request('PATCH', `/rules/${encodeURIComponent(rule.id)}`, body);
  };
  const addOne = () => {
    forget();
    setConditions([...conditions, { field: 'details.', operator: 'at-most', value: '' }]);
  };
  const changeOne = (index: number, change: Partial<TypedCondition>) =>
    setConditions(conditions.map((each, at) => (at === index ? { ...each, ...change } : each)));
  return (
    <ChangeDialog
      title={rule === undefined ? 'New rule' : 'Edit rule'}
      size="wide"
      verb="Save"
      check={check}
      change={save}
      onDone={onClose}
      onClose={onClose}
    >
      <Field label="Name" isRequired autoFocus value={name} onChange={setName} />
      <fieldset ref={fieldset} className="conditions">
        <legend>If all conditions match</legend>
        {conditions.length === 0 && <p className="quiet-text">No conditions: the rule matches all requests.</p>}
        {conditions.map((condition, index) => (
          <Condition
            key={index}
            condition={condition}
            problem={isChecked ? read?.[index]?.problem : undefined}
            onChange={(change) => changeOne(index, change)}
            onRemove={() => setConditions(conditions.filter((_, at) => at !== index))}
          />
        ))}
        <Button size="small" onPress={addOne}>
          Add condition
        </Button>
      </fieldset>
      <Choice
        label="Then"
        value={decision}
        entries={decisionOptions}
        onChange={(value) => setDecision(value as Rule['decision'])}
      />
      {decision === 'review' && <RuleStagesFields stages={stages} onChange={setStages} />}
      <Switch isSelected={enabled} onChange={setEnabled}>
        Enabled
      </Switch>
      <div>
        <Button isPending={attempt.isPending} onPress={() => check() && attempt.mutate()}>
          Test on the last 30 days
        </Button>
      </div>
      {attempt.error !== null && <Notice tone="bad">{problemText(attempt.error)}</Notice>}
      <RuleTrialResult trial={attempt.data} decision={decision} />
    </ChangeDialog>
  );
}

function readCondition(typed: TypedCondition): { condition?: RuleCondition; problem?: string } {
  try {
    return { condition: toCondition(typed) };
  } catch (error) {
    if (error instanceof ValueProblem) return { problem: error.message };
    throw error;
  }
}

/** Moves the focus to an added condition, or to “Add condition” after a removal. */
function useFocusOnConditions(count: number) {
  const fieldset = useRef<HTMLFieldSetElement>(null);
  const before = useRef(count);
  useEffect(() => {
    const added = count - before.current;
    before.current = count;
    if (added > 0) fieldset.current?.querySelector<HTMLElement>('.condition:last-of-type input')?.focus();
    if (added < 0) fieldset.current?.querySelector<HTMLElement>(':scope > button')?.focus();
  }, [count]);
  return fieldset;
}

function Condition({
  condition: { field, operator, value },
  problem,
  onChange,
  onRemove,
}: {
  condition: TypedCondition;
  problem: string | undefined;
  onChange: (change: Partial<TypedCondition>) => void;
  onRemove: () => void;
}) {
  const suggestions = useId();
  const hasValue = operator !== 'present' && operator !== 'absent';
  return (
    <div className="condition">
      <label className="field">
        <span>Field</span>
        <input
          list={suggestions}
          value={field}
          onChange={(event) => onChange({ field: event.target.value })}
          spellCheck={false}
        />
      </label>
      <datalist id={suggestions}>
        {fieldSuggestions.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
      <Choice
        label="Operator"
        value={operator}
        entries={operatorOptions}
        onChange={(next) => onChange({ operator: next as RuleOperator })}
      />
      {hasValue ? (
        <Field
          label={operator === 'one-of' || operator === 'none-of' ? 'Values, separated by commas' : 'Value'}
          value={value}
          problem={problem}
          onChange={(text) => onChange({ value: text })}
        />
      ) : (
        <span />
      )}
      <Button size="small" onPress={onRemove} aria-label={`Remove condition on ${field}`}>
        Remove
      </Button>
    </div>
  );
}
