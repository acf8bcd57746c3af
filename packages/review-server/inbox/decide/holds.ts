import { useEffect, useState } from 'react';
import type { Hold } from '../../src/contract/holds.ts';

/** When this page first saw each hold: its clock may differ from the server's. */
const seenAt = new Map<string, number>();
const tickMs = 200;

/** The whole seconds until the decision is made. 0: any moment now. */
export function useSecondsLeft({ by, heldAt, dueAt }: Pick<Hold, 'by' | 'heldAt' | 'dueAt'>): number {
  const key = `${by} ${heldAt} ${dueAt}`;
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), tickMs);
    return () => clearInterval(timer);
  }, []);
  const seen = seenAt.get(key) ?? now;
  if (!seenAt.has(key)) seenAt.set(key, now);
  const end = Math.min(Date.parse(dueAt), seen + Date.parse(dueAt) - Date.parse(heldAt));
  return Math.max(0, Math.ceil((end - now) / 1000));
}

const verbs: { [decision in Hold['decision']]: string } = {
  approve: 'approve',
  reject: 'reject',
  happened: 'answer “It happened”',
  'not-happened': 'answer “It did not happen”',
  'give-up': 'give up',
};

/** "You approve", "ana approves with changes". */
export function heldText({ by, decision, edited }: Pick<Hold, 'by' | 'decision' | 'edited'>, me: string): string {
  const verb = verbs[decision];
  const [word, ...rest] = verb.split(' ');
  const own = by === me;
  const suffix = word!.endsWith('s') ? 'es' : 's';
  const said = own ? verb : [`${word}${suffix}`, ...rest].join(' ');
  return `${own ? 'You' : by} ${said}${edited ? ' with changes' : ''}`;
}
