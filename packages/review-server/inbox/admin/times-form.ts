import type { Times, timesSchema } from '../../src/contract/times.ts';
import type { z } from 'zod';

export const units = [
  { id: 'minutes', text: 'minutes' },
  { id: 'hours', text: 'hours' },
  { id: 'days', text: 'days' },
] as const;
export type Unit = (typeof units)[number]['id'];
/** A span as a person writes it. Empty: none. */
export type Span = { amount: string; unit: Unit };

export const risks = ['critical', 'high', 'medium', 'low'] as const;
type Risk = (typeof risks)[number];

/** The text of the form of times. The lists end with an empty entry. */
export type TimesForm = {
  due: Record<Risk, Span>;
  reminders: readonly Span[];
  /** Names of groups, or `admins`. Empty: none. */
  asked: readonly string[];
  isQuiet: boolean;
  quiet: { from: string; until: string; zone: string; weekends: boolean };
};

const most = 5;
const minutesOf: Record<Unit, number> = { minutes: 1, hours: 60, days: 1440 };
const mostMinutes = 60 * 24 * 365;
const noSpan: Span = { amount: '', unit: 'hours' };

/** The span in its largest unit that divides it. */
function toSpan(minutes: number): Span {
  const unit = minutes % 1440 === 0 ? 'days' : minutes % 60 === 0 ? 'hours' : 'minutes';
  return { amount: String(minutes / minutesOf[unit]), unit };
}

/** "1 hour", "30 minutes". */
export function spanText(minutes: number): string {
  const { amount, unit } = toSpan(minutes);
  return amount === '1' ? `1 ${unit.slice(0, -1)}` : `${amount} ${unit}`;
}

/** The form with these times, or an empty one. */
export function toForm(times: Times | null): TimesForm {
  const { dueAfter, remindAfter = [], escalateTo = [], quietHours = null } = times ?? {};
  const due = (risk: Risk) => (dueAfter?.[risk] == null ? noSpan : toSpan(dueAfter[risk]));
  return {
    due: { critical: due('critical'), high: due('high'), medium: due('medium'), low: due('low') },
    reminders: withRoom(remindAfter.map(toSpan)),
    asked: withAnother(escalateTo),
    isQuiet: quietHours !== null,
    quiet: quietHours ?? {
      from: '18:00',
      until: '08:00',
      zone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
      weekends: true,
    },
  };
}

/** The reminders with an empty one at the end. */
export function withRoom(spans: readonly Span[]): Span[] {
  return spans.length < most && spans.at(-1)?.amount !== '' ? [...spans, { amount: '', unit: 'minutes' }] : [...spans];
}

/** Those to ask with an empty entry at the end. */
export function withAnother(names: readonly string[]): string[] {
  const chosen = names.filter((name) => name !== '');
  return chosen.length < most ? [...chosen, ''] : chosen;
}

/** The problems of the form by field: a risk, `reminder 0`, `asked`, `from`, `until`, `zone`. */
export function problemsOf({ due, reminders, asked, isQuiet, quiet }: TimesForm): Map<string, string> {
  const problems = new Map<string, string>();
  const put = (field: string, problem: string | undefined) => {
    if (problem !== undefined) problems.set(field, problem);
  };
  for (const risk of risks) put(risk, spanProblem(due[risk]));
  reminders.forEach((span, index) => put(`reminder ${index}`, spanProblem(span)));
  if (asked.some((name) => name !== '') && risks.every((risk) => due[risk].amount.trim() === ''))
    put('critical', 'Set at least one due time. Without one, the others are never asked.');
  if (!isQuiet) return problems;
  put('from', clockProblem(quiet.from));
  put('until', clockProblem(quiet.until) ?? (quiet.from === quiet.until ? 'Write another time than From.' : undefined));
  put('zone', isZone(quiet.zone) ? undefined : 'Write a time zone, such as Europe/Berlin.');
  return problems;
}

/** The body of the call, of a form without problems. */
export function toBody({ due, reminders, asked, isQuiet, quiet }: TimesForm): z.input<typeof timesSchema> {
  const minutes = ({ amount, unit }: Span) => (amount.trim() === '' ? null : Number(amount) * minutesOf[unit]);
  return {
    dueAfter: {
      critical: minutes(due.critical),
      high: minutes(due.high),
      medium: minutes(due.medium),
      low: minutes(due.low),
    },
    remindAfter: reminders.flatMap((span) => minutes(span) ?? []),
    escalateTo: asked.filter((name) => name !== ''),
    quietHours: isQuiet ? quiet : null,
  };
}

function spanProblem({ amount, unit }: Span): string | undefined {
  const text = amount.trim();
  if (text === '') return undefined;
  if (!/^[1-9]\d*$/.test(text)) return 'Write a whole number from 1, or nothing.';
  return Number(text) * minutesOf[unit] > mostMinutes ? 'Write at most a year.' : undefined;
}

function clockProblem(time: string): string | undefined {
  return /^([01]\d|2[0-3]):[0-5]\d$/.test(time) ? undefined : 'Write a time of day, such as 18:00.';
}

function isZone(name: string): boolean {
  try {
    return name !== '' && new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
