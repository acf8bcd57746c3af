import type { Json, JsonObject } from '@holdpoint/json';
import { digestOf } from '@holdpoint/json/canonical';
import { Context } from '@temporalio/activity';
import type { RequestApprovalInput } from '../domain/activities.ts';
import { withoutReserved } from '@holdpoint/cheqpoint/wire-names';
import type { ActivityDependencies, Requester } from './context.ts';

const notKnown = 'Not known: the arguments that the run names are not the ones that the tool was started with.';

/**
 * The arguments that a tool was started with, for the question whether it happened. The effect ledger has their digest.
 * The arguments in the Activity's input may be made up, and are not the ones that ran after a reviewer's edit.
 */
export async function startedWith(
  { effects, requests, review }: ActivityDependencies,
  { call: { key } }: RequestApprovalInput,
  { requester, given }: { requester: Requester; given: JsonObject },
): Promise<Json> {
  const started = await effects.newest(key);
  const isThat = (args: JsonObject): boolean => digestOf(args) === started?.argumentsDigest;
  if (isThat(given)) return given;
  const asked = (await requests.list(key)).filter(({ kind }) => kind === 'call');
  const sealed = asked.map((row) => withoutReserved(row.request.details)).find(isThat);
  if (sealed) return sealed;
  const id = started?.request?.id;
  if (!id) return notKnown;
  const { details, modifiedDetails } = await review(requester).read(id, Context.current().cancellationSignal);
  const edit = withoutReserved(modifiedDetails ?? {});
  return [edit, { ...withoutReserved(details ?? {}), ...edit }].find(isThat) ?? notKnown;
}
