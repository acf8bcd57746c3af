import type { JsonObject } from '@holdpoint/json';
import { sameJson } from '@holdpoint/json/canonical';
import type { Cell } from './cell.ts';

/** One effect, as the effect service recorded it. */
export type Effect = { at: number; key: string; item: string; args: JsonObject };

/** Everything that was seen of one run from outside. */
export type Observations = {
  effect: Cell['effect'];
  /** Temporal's status at the end of the run; undefined if the end did not come within the bound. */
  status: string | undefined;
  /** The call that the reviewer approved. The run has another one, which they rejected. */
  approved: { item: string; args: JsonObject };
  /** When the reviewer first sent the approval; undefined if that never happened. */
  approvalSentAt: number | undefined;
  /** Effects of this run's calls. */
  effects: readonly Effect[];
  /** Requests for the approved call that its reviewer got, without questions about an outcome. */
  asked: number;
  /** A person was asked about the outcome and answered that it happened. */
  confirmed: boolean;
  /** The outputs that the model has for the approved and for the rejected call. */
  told: { approved: readonly string[]; rejected: readonly string[] };
};

export const kindsOfHarm = ['lost', 'doubled', 'wrongArguments', 'unapproved', 'stuck'] as const;
export type Harm = (typeof kindsOfHarm)[number];

/** The faults of a cell, in sentences. Empty for a good cell. */
export type Verdict = Partial<Record<Harm, string>>;

const confirmedOutput = 'A person confirmed that this action was carried out.';
const deniedOutput = 'Security system denied this specific action.';

/** Judges one run by what the outside world saw. */
export function judge(seen: Observations): Verdict {
  const own = seen.effects.filter(({ item }) => item === seen.approved.item);
  const verdict: Verdict = {};

  const denied = seen.effects.filter(({ item }) => item !== seen.approved.item);
  const early = own.filter(({ at }) => seen.approvalSentAt === undefined || at < seen.approvalSentAt);
  if (denied.length > 0) verdict.unapproved = `${denied.length} effects of ${denied[0]?.item}, which was not approved`;
  else if (early.length > 0) verdict.unapproved = `${early.length} effects before the approval`;

  const wrong = own.find(({ args }) => !sameJson(args, seen.approved.args));
  if (wrong) verdict.wrongArguments = `${JSON.stringify(wrong.args)} instead of ${JSON.stringify(seen.approved.args)}`;

  // A receiver honours the key of an idempotent tool, so one key is one effect.
  const count = seen.effect === 'idempotent' ? new Set(own.map(({ key }) => key)).size : own.length;
  if (count > 1) verdict.doubled = `${count} effects`;
  else if (seen.asked > 1) verdict.doubled = `its reviewer was asked ${seen.asked} times`;
  else if (Math.max(seen.told.approved.length, seen.told.rejected.length) > 1)
    verdict.doubled = 'the model was told an output twice';

  if (seen.status === undefined) verdict.stuck = 'the run did not end within the bound';
  else if (seen.status !== 'COMPLETED') verdict.lost = `the run ended as ${seen.status}`;
  else if (own.length === 0) verdict.lost = 'no effect of the approved call';
  else if (!isToldOf(seen)) verdict.lost = `the model was told ${JSON.stringify(seen.told)}`;
  return verdict;
}

function isToldOf({ told, confirmed }: Observations): boolean {
  const [approved = '', rejected = ''] = [told.approved[0], told.rejected[0]];
  return (
    (approved.includes('"accepted":true') || (confirmed && approved.startsWith(confirmedOutput))) &&
    rejected.startsWith(deniedOutput)
  );
}
