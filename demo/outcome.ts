import type { MailEntry } from './mail-service.ts';
import type { DemoOptions } from './options.ts';
import type { Done } from './scenario.ts';
import { spread, tally } from './tally.ts';

/** The document of `--json`. `approvals` counts all decided approvals, including rejected ones. */
export type DemoOutcome = {
  ok: boolean;
  runs: number;
  approvals: number;
  kills: number;
  toolStarts: number;
  toolEffects: number;
  lost: number;
  doubled: number;
  /** Milliseconds from a decision to the tool's first call. Null when no tool ran. */
  resumeMs: { p50: number | null; max: number | null };
  /** Of the decisions, those that came when the run at OpenAI had expired. Only with `--api assistants`. */
  afterExpiry?: number;
};

/** The plan of the demo: three runs, three decisions, two kills. */
const planned = { runs: 3, approvals: 3, kills: 2 };

/** Holds the mail service's log against what was decided. `problems`: why it is not ok, for people. */
export function outcome(
  { runs, decisions, kills, approved, rejected, afterExpiry }: Done,
  log: readonly MailEntry[],
  api: DemoOptions['api'],
): { outcome: DemoOutcome; problems: string[] } {
  const { resumeMs, ...counts } = tally(approved, log);
  const ranAfterAll = log.filter(
    ({ type, idempotencyKey }) => type === 'request' && idempotencyKey !== null && rejected.includes(idempotencyKey),
  );
  const problems = [
    ...(runs === planned.runs && decisions === planned.approvals && kills === planned.kills
      ? []
      : [`Not everything was shown: ${runs} of 3 runs, ${decisions} of 3 decisions, ${kills} of 2 kills.`]),
    ...(api === 'responses' || afterExpiry === 1 ? [] : ['No decision was shown after the ten minutes.']),
    ...(counts.lost === 0 ? [] : [`${counts.lost} approved calls had no effect.`]),
    ...(counts.doubled === 0 ? [] : [`${counts.doubled} effects too many: an approval allows one.`]),
    ...(ranAfterAll.length === 0 ? [] : ['A rejected call ran.']),
  ];
  return {
    outcome: {
      ok: problems.length === 0,
      runs,
      approvals: decisions,
      kills,
      ...counts,
      resumeMs: spread(resumeMs),
      ...(api === 'assistants' && { afterExpiry }),
    },
    problems,
  };
}
