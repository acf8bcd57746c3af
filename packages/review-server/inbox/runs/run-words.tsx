import type { RunState, TokenUsage, Usage } from '@holdpoint/client';

const states: Record<RunState, { text: string; tone: 'good' | 'warn' | 'bad' | 'off' }> = {
  running: { text: 'Running', tone: 'good' },
  waiting: { text: 'Waiting', tone: 'warn' },
  parked: { text: 'Parked', tone: 'bad' },
  completed: { text: 'Completed', tone: 'off' },
  failed: { text: 'Failed', tone: 'bad' },
  cancelled: { text: 'Cancelled', tone: 'off' },
};

export const stateOptions = Object.entries(states).map(([id, { text }]) => ({ id, text }));

/** The state of a run in a word. */
export function RunStateMark({ state }: { state: RunState }) {
  const { text, tone } = states[state];
  return (
    <span className="state" data-state={tone}>
      {text}
    </span>
  );
}

/** Tokens in words. A number that the server did not report is not shown as 0. */
export function tokensText(usage: TokenUsage | null): string {
  if (usage === null || (usage.input === null && usage.output === null)) return 'Tokens not reported';
  const part = (count: number | null, name: string) => (count === null ? '' : ` (${number(count)} ${name})`);
  return `${number(usage.input)} tokens in${part(usage.cachedInput, 'cached')}, ${number(usage.output)} out${part(usage.reasoning, 'reasoning')}`;
}

/** The cost of a run. Undefined without prices. */
export function costText({ costs, turnsWithoutCost }: Usage): string | undefined {
  if (costs.length === 0) return undefined;
  const sum = costs.map(({ amount, currency }) => `${amount} ${currency}`).join(', ');
  return turnsWithoutCost > 0 ? `${sum}, without ${turnsWithoutCost} turns that have no price` : sum;
}

/** The time between two instants. */
export function spanText(from: string, to: string): string {
  const seconds = Math.max(0, Date.parse(to) - Date.parse(from)) / 1000;
  return seconds < 100 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds / 60)} min`;
}

function number(count: number | null): string {
  return count === null ? 'not reported' : count.toLocaleString('en');
}
