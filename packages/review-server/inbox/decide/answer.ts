import type { PressEvent } from 'react-aria-components';
import type { WireObject } from '@holdpoint/cheqpoint/wire';
import type { Draft } from './drafts.ts';

/** What is sent; the note comes from the draft. */
export interface Answer {
  decision: 'approve' | 'reject';
  modifiedDetails?: WireObject;
}

/** The hand that decides. A key may come too soon after a change. */
export type Hand = 'key' | 'pointer';

/** The properties of both kinds of answer buttons. */
export interface AnswersProps {
  draft: Draft;
  setDraft: (change: Partial<Draft>) => void;
  onAnswer: (answer: Answer, hand: Hand) => void;
  isSending: boolean;
}

/** The hand of a press; a screen reader's counts as a pointer, since it has no key. */
export function handOf({ pointerType }: Pick<PressEvent, 'pointerType'>): Hand {
  return pointerType === 'keyboard' ? 'key' : 'pointer';
}
