import type { PressEvent } from 'react-aria-components';
import type { WireObject } from '@holdpoint/cheqpoint/wire';
import type { OutcomeAnswer } from '../../src/contract/outcome-answers.ts';
import type { Draft } from './drafts.ts';

/** The decision to send. The note comes from the draft. */
export type Answer = {
  decision: 'approve' | 'reject' | OutcomeAnswer;
  modifiedDetails?: WireObject;
  removed?: readonly string[];
};

/** The input device of a decision. Only keys are refused right after a change. */
export type Hand = 'key' | 'pointer';

/** The props of both groups of answer buttons. */
export type AnswersProps = {
  draft: Draft;
  setDraft: (change: Partial<Draft>) => void;
  /** A decision by key is held, so that it can be undone. `atOnce`: never. */
  onAnswer: (answer: Answer, hand: Hand, how?: { atOnce?: boolean }) => void;
  isSending: boolean;
};

/** The input device of a press. A press by a screen reader counts as a pointer. */
export function handOf({ pointerType }: Pick<PressEvent, 'pointerType'>): Hand {
  return pointerType === 'keyboard' ? 'key' : 'pointer';
}
