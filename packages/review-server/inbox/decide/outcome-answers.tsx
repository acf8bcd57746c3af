import type { Reading } from '../approval/reading.ts';
import { useShortcuts } from '../shell/shortcuts.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { handOf, type AnswersProps, type Hand } from './answer.ts';
import { Unread, unreadId } from './unread.tsx';

/** The three answers of an outcome question. “Give up” needs no reading. */
export function OutcomeAnswers({ reading, draft, setDraft, onAnswer, isSending }: AnswersProps & { reading: Reading }) {
  const all = [
    {
      key: '1',
      label: 'It happened',
      means: 'The assistant continues. The call is not repeated.',
      isOff: !reading.isRead,
      give: (hand: Hand) => onAnswer({ decision: 'happened' }, hand),
    },
    {
      key: '2',
      label: 'It did not happen',
      means: 'The call runs once more, as approved.',
      isOff: !reading.isRead,
      give: (hand: Hand) => onAnswer({ decision: 'not-happened' }, hand),
    },
    {
      key: '3',
      label: 'Give up',
      means: 'The outcome stays unknown. The assistant is instructed not to repeat the call.',
      isOff: false,
      give: (hand: Hand) => onAnswer({ decision: 'give-up' }, hand),
    },
  ];
  const answers = all.map((each) => ({ ...each, isOff: each.isOff || isSending }));
  useShortcuts({
    ...Object.fromEntries(answers.filter(({ isOff }) => !isOff).map(({ key, give }) => [key, () => give('key')])),
    m: reading.isRead ? undefined : reading.readOn,
  });
  return (
    <div className="answers answers-outcome" role="group" aria-label="Your decision" tabIndex={-1}>
      <Unread reading={reading} what="“It happened” and “It did not happen” are" />
      <Field label="Note" rows={1} maxLength={10_000} value={draft.note} onChange={(note) => setDraft({ note })} />
      <div className="outcome-choices" role="group" aria-label="Did it happen?">
        {answers.map(({ key, label, means, isOff, give }) => (
          <div key={key} className="outcome-choice">
            <Button
              hint={key}
              size="large"
              isDisabled={isOff}
              onPress={(event) => give(handOf(event))}
              aria-describedby={`outcome-${key} ${unreadId}`}
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
