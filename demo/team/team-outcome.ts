import type { MailEntry } from '../mail-service.ts';
import { tally, type Approved } from '../tally.ts';

/** The document of `--team --json`. */
export type TeamOutcome = {
  ok: boolean;
  runs: number;
  /** Stages that were passed. */
  stages: number;
  /** Approvals of people that counted. */
  votes: number;
  escalations: number;
  selfApprovalsRefused: number;
  lost: number;
  doubled: number;
};

/** The course of the team demo, kept up to date so that it is right after a failure too. */
export type TeamDone = {
  runs: number;
  stages: number;
  votes: number;
  escalations: number;
  selfApprovalsRefused: number;
  /** Kills of the worker between two votes. */
  kills: number;
  approved: Approved[];
};

/** Two runs of two stages with two and one approvals. */
const planned = { runs: 2, stages: 4, votes: 6, escalations: 1, selfApprovalsRefused: 1, kills: 1 };

/** Holds the mail service's log against what was approved. `problems`: why it is not ok, for people. */
export function teamOutcome(done: TeamDone, log: readonly MailEntry[]): { outcome: TeamOutcome; problems: string[] } {
  const { lost, doubled } = tally(done.approved, log);
  const problems = [
    ...Object.entries(planned).flatMap(([what, count]) => {
      const counted = done[what as keyof typeof planned];
      return counted === count ? [] : [`${what}: ${counted} instead of ${count}.`];
    }),
    ...(lost === 0 ? [] : [`${lost} approved calls had no effect.`]),
    ...(doubled === 0 ? [] : [`${doubled} effects too many: an approval allows one.`]),
  ];
  const { runs, stages, votes, escalations, selfApprovalsRefused } = done;
  return {
    outcome: { ok: problems.length === 0, runs, stages, votes, escalations, selfApprovalsRefused, lost, doubled },
    problems,
  };
}
