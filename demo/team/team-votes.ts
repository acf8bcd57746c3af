import { ReviewerApiError, type ReviewerApproval } from '@holdpoint/review-server/contract';
import type { HeldRun } from '../reviewed-run.ts';
import { seen } from '../stage.ts';
import type { Story } from '../story.ts';
import type { PersonName } from './review-office.ts';
import type { TeamDone } from './team-outcome.ts';
import type { TeamStage } from './team-stage.ts';

/** One approval by a person, as the inbox sends it. Returns the request as this person sees it then. */
export async function vote(
  { office }: TeamStage,
  story: Story,
  { approval: { id } }: HeldRun,
  person: PersonName,
): Promise<ReviewerApproval> {
  const client = office.as(person);
  const { shown, turn } = await client.call('GET /approvals/{id}', { path: { id } });
  const after = await client.call('POST /approvals/{id}/decide', {
    path: { id },
    body: { decision: 'approve', shown },
  });
  story.line(
    'APPROVED',
    `by ${person}, ${(turn?.given ?? 0) + 1} of ${turn?.needed ?? '?'} of ${turn?.of.join(', ')}`,
    {
      strong: true,
      details: [
        after.status === 'PENDING'
          ? `now it waits for ${after.turn?.of.join(', ')} (stage ${after.turn?.stage} of ${after.turn?.stages})`
          : 'that was the last one: the request is approved',
      ],
    },
  );
  return after;
}

/** The person that the run acts for tries to approve. @throws Error when that is not refused. */
export async function selfApproval(
  { office }: TeamStage,
  story: Story,
  { approval: { id } }: HeldRun,
  { person, done }: { person: PersonName; done: TeamDone },
): Promise<void> {
  const client = office.as(person);
  const { shown } = await client.call('GET /approvals/{id}', { path: { id } });
  const refusal = await client
    .call('POST /approvals/{id}/decide', { path: { id }, body: { decision: 'approve', shown } })
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  if (!(refusal instanceof ReviewerApiError) || refusal.status !== 403)
    throw new Error(`${person} should not be able to approve the own request.`, { cause: refusal });
  done.selfApprovalsRefused += 1;
  story.line('REFUSED', `${person} asked for this mail, and tries to approve it`, {
    strong: true,
    details: [`"${refusal.message}"`],
  });
}

/** Waits until the person may approve. */
export async function mayApprove({ office }: TeamStage, { approval: { id } }: HeldRun, person: PersonName) {
  await seen(`${person} is asked`, async () => {
    const approval = await office
      .as(person)
      .call('GET /approvals/{id}', { path: { id } })
      .catch((error: unknown) => {
        if (error instanceof ReviewerApiError && error.status === 404) return undefined;
        throw error;
      });
    return approval?.canDecide?.approve === true ? true : undefined;
  });
}
