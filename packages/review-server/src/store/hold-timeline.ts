import type { TimelineEntry } from '../contract/reviewer-api.ts';
import type { DropReason } from './drop-holds.ts';

/** The audit's events of held decisions. */
export const holdEvents = ['decision-held', 'decision-undone', 'held-decision-dropped'] as const;
type HoldEvent = (typeof holdEvents)[number];

export function isHoldEvent(event: string): event is HoldEvent {
  return (holdEvents as readonly string[]).includes(event);
}

const reasons: Record<DropReason, string> = {
  closed: 'the request was closed first',
  changed: 'the request changed meanwhile',
  replaced: 'a newer answer took its place',
  paused: 'the assistant is paused',
  'not-allowed': 'the decision is not theirs to make any more',
  invalid: 'it does not fit the request any more',
};

/** A held decision in the timeline. */
export function heldEntry(at: string, event: HoldEvent, name: string, facts: string): TimelineEntry {
  const { decision, seconds, by, reason } = JSON.parse(facts) as {
    decision: string;
    seconds?: number;
    by?: string;
    reason?: DropReason;
  };
  switch (event) {
    case 'decision-held':
      return { at, actor: name, event: 'held', text: `answered “${decision}”, held for ${seconds} s` };
    case 'decision-undone':
      return { at, actor: name, event: 'undone', text: `undid the held answer “${decision}”` };
    case 'held-decision-dropped':
      return {
        at,
        actor: 'the system',
        event: 'hold-dropped',
        text: `dropped the held answer “${decision}” of ${by}: ${reasons[reason!]}`,
      };
  }
}
