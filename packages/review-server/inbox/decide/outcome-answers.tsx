import { useShortcuts } from '../shell/shortcuts.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { handOf, type AnswersProps, type Hand } from './answer.ts';

/** The three answers of an outcome question. */
export function OutcomeAnswers({ draft, setDraft, onAnswer, isSending }: AnswersProps) {
  const answers = [
    {
      key: '1',
      label: 'It happened',
      means: 'The assistant continues. The call is not repeated.',
      give: (hand: Hand) => onAnswer({ decision: 'happened' }, hand),
    },
    {
      key: '2',
      label: 'It did not happen',
      means: 'The call runs once more, as approved.',
      give: (hand: Hand) => onAnswer({ decision: 'not-happened' }, hand),
    },
    {
      key: '3',
      label: 'Give up',
      means: 'The outcome stays unknown. The assistant is instructed not to repeat the call.',
      give: (hand: Hand) => onAnswer({ decision: 'give-up' }, hand),
    },
  ];
  useShortcuts(isSending ? {} : Object.fromEntries(answers.map(({ key, give }) => [key, () => give('key')])));
  return (
    <div className="answers answers-outcome" role="group" aria-label="Your decision" tabIndex={-1}>
      <Field label="Note" rows={1} maxLength={10_000} value={draft.note} onChange={(note) => setDraft({ note })} />
      <div className="outcome-choices" role="group" aria-label="Did it happen?">
        {answers.map(({ key, label, means, give }) => (
          <div key={key} className="outcome-choice">
            <Button
              hint={key}
              size="large"
              isDisabled={isSending}
              onPress={(event) => give(handOf(event))}
              aria-describedby={`outcome-${key}`}
            >
              {label}
            </Button>
            <p id={`outcome-${key}`} className="quiet-text">
              {means}
            </p>
          </div>
        ))}
      </div>
    </div>
  );
}
