import { isJsonObject } from '@holdpoint/json';
import { useMemo, useRef, useState, type RefObject } from 'react';
import type { ReviewerApproval } from '../../src/contract/reviewer-api.ts';
import { editableJson } from '../../src/contract/literal-parts.ts';
import { shownDigest } from '../../src/contract/shown-digest.ts';
import { DecisionArea } from '../decide/decision-area.tsx';
import { useDraft } from '../decide/drafts.ts';
import { readEdit } from '../decide/read-edit.ts';
import { useMe } from '../session/session.ts';
import { usePressHeld } from '../shell/shortcuts.ts';
import { useTypedIn } from '../shell/typing.ts';
import { FoldsContext } from '../ui/folds.ts';
import { lazyPart } from '../ui/lazy-part.tsx';
import { PreviewSection } from '../preview/preview-section.tsx';
import { LiteralText } from '../ui/literal-text.tsx';
import { Arguments } from './arguments.tsx';
import { Changes } from './changes.tsx';
import { Claims } from './claims.tsx';
import { Comments } from './comments.tsx';
import { Conversation } from './conversation.tsx';
import { DecisionNote } from './decision-note.tsx';
import { withoutReserved } from '@holdpoint/cheqpoint/wire-names';
import { Described } from './described.ts';
import { runsATool } from './details.ts';
import { Facts } from './facts.tsx';
import { Headline } from './headline.tsx';
import { History } from './history.tsx';
import { Questions } from './questions.tsx';
import { needsReading, useReading } from './reading.ts';
import { Section } from './section.tsx';
import { Timeline } from './timeline.tsx';
import { Votes } from './votes.tsx';

const EditForm = lazyPart(async () => (await import('../decide/edit-form.tsx')).EditForm, {
  placeholder: <div className="skeleton skeleton-block" role="status" aria-label="Loading form" />,
});

/** One request with all facts and the buttons to decide. */
export function ApprovalView({ approval: latest }: { approval: ReviewerApproval }) {
  const me = useMe();
  const article = useRef<HTMLElement>(null);
  const argumentsPlace = useRef<HTMLDivElement>(null);
  const [decidedHere, setDecidedHere] = useState(false);
  const [approval, late] = useKeptForTyping(latest, decidedHere, article);
  const [draft, setDraft] = useDraft(approval.id);
  const { kind, status, details, modifiedDetails, context } = approval;
  // Votes are on the present version, which an edit may have written.
  const { proposedDetails } = approval;
  const asked = useMemo(() => withoutReserved(details), [details]);
  const original = useMemo(() => withoutReserved(proposedDetails ?? details), [proposedDetails, details]);
  const isPending = status === 'PENDING';
  // An edit of the request before that was not taken is where this edit begins.
  const earlier = approval.draft;
  const editedText = draft.edited ?? (earlier?.edit ? editableJson(earlier.edit) : undefined);
  const isEditing = isPending && draft.mode === 'edit' && me.may('reviewer');
  const edit = useMemo(
    () => (isEditing ? readEdit(approval, original, editedText, draft.unreadable) : undefined),
    [isEditing, approval, original, editedText, draft.unreadable],
  );
  const described = useMemo(
    () => (approval.argumentsSchema === null ? undefined : new Described(approval.argumentsSchema)),
    [approval.argumentsSchema],
  );
  usePressHeld(approval.id);
  const shown = useMemo(() => shownDigest(approval), [approval]);
  const reading = useReading(
    shown,
    isPending && (kind === 'call' || context != null) && needsReading(approval.riskLevel),
  );
  return (
    <article ref={article} className="approval" aria-labelledby="headline">
      <div className="approval-scroller" tabIndex={-1}>
        <Headline approval={approval} />
        <div className="approval-columns">
          <div className="approval-main">
            {approval.preview !== null && (
              <PreviewSection
                preview={approval.preview}
                details={details}
                isOfOriginal={isEditing || modifiedDetails !== null}
                isPending={isPending}
                onArguments={() => argumentsPlace.current?.focus()}
              />
            )}
            <div ref={argumentsPlace} tabIndex={-1} className="approval-arguments" role="group" aria-label="Arguments">
              {kind === 'call' &&
                (isEditing && edit !== undefined ? (
                  <EditForm
                    approval={approval}
                    original={original}
                    edit={edit}
                    text={editedText}
                    unreadable={draft.unreadable}
                    onChange={(edited, unreadable) => setDraft({ edited, unreadable })}
                    endRef={reading.endRef}
                  />
                ) : (
                  <FoldsContext value={reading.folds}>
                    <Arguments
                      {...(isPending && runsATool(details) && { title: 'Exactly this will run' })}
                      action={approval.action}
                      details={original}
                      described={described}
                      isPending={isPending}
                      endRef={reading.endRef}
                    />
                  </FoldsContext>
                ))}
            </div>
            {isPending && !isEditing && earlier !== null && (
              <Section title="Earlier approval that was not taken">
                {earlier.edit && <Changes original={original} edited={earlier.edit} />}
                {earlier.note !== null && (
                  <p>
                    Note: <LiteralText>{earlier.note}</LiteralText>
                  </p>
                )}
              </Section>
            )}
            {kind === 'call' && isPending && proposedDetails !== null && (
              <Section title={`Changes by ${approval.voting?.edits.at(-1)?.by ?? 'a reviewer'}, to be approved`}>
                <Changes original={asked} edited={original} />
              </Section>
            )}
            {kind === 'call' && modifiedDetails !== null && (
              <Section title={`Changes by ${approval.decidedBy ?? 'the reviewer'}`}>
                <Changes original={asked} edited={withoutReserved(modifiedDetails)} />
              </Section>
            )}
            {kind === 'outcome' && context != null && (
              <FoldsContext value={reading.folds}>
                <Arguments
                  title="Original call"
                  details={asObject(context)}
                  isPending={false}
                  endRef={reading.endRef}
                />
              </FoldsContext>
            )}
            <Votes approval={approval} />
            <Claims approval={approval} />
            <DecisionNote approval={approval} />
            <Questions approval={approval} />
            <Comments approval={approval} />
            <Conversation messages={approval.conversation} />
            <History approval={approval} />
            {kind === 'call' && context != null && (
              <Arguments title="Context for reviewers" details={asObject(context)} isPending={false} />
            )}
          </div>
          <aside className="approval-side" aria-label="About this request">
            <Facts approval={approval} />
            <Timeline entries={approval.timeline} />
          </aside>
        </div>
      </div>
      <DecisionArea
        approval={approval}
        edit={edit}
        reading={reading}
        late={late}
        decidedHere={decidedHere}
        onDecidedHere={() => setDecidedHere(true)}
      />
    </article>
  );
}

/**
 * When another reviewer decides, the pending request stays on the screen until this reviewer leaves the text field.
 * Returns the request to show and, meanwhile, the decided one.
 */
function useKeptForTyping(
  latest: ReviewerApproval,
  decidedHere: boolean,
  article: RefObject<HTMLElement | null>,
): [ReviewerApproval, ReviewerApproval | undefined] {
  const [pending, setPending] = useState(latest);
  if (latest.status === 'PENDING' && pending !== latest) setPending(latest);
  const field = useTypedIn();
  const isKept =
    latest.status !== 'PENDING' &&
    pending.status === 'PENDING' &&
    !decidedHere &&
    field !== undefined &&
    article.current?.contains(field) === true;
  return isKept ? [pending, latest] : [latest, undefined];
}

function asObject(context: unknown): { [key: string]: unknown } {
  return isJsonObject(context) ? context : { context };
}
