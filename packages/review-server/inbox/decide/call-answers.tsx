import { CheckIcon, PencilIcon, XMarkIcon } from '@heroicons/react/16/solid';
import { useEffect, useRef, type RefObject } from 'react';
import type { ReviewerApproval } from '../../src/contract/reviewer-api.ts';
import type { Reading } from '../approval/reading.ts';
import { QuickNotes } from '../presets/quick-notes.tsx';
import { useShortcuts } from '../shell/shortcuts.ts';
import { Button } from '../ui/button.tsx';
import { Field, type FieldProps } from '../ui/field.tsx';
import { toolOf } from '../wording.ts';
import { handOf, type AnswersProps, type Hand } from './answer.ts';
import { HoldButton } from './hold-button.tsx';
import type { Edit } from './read-edit.ts';
import { Removals } from './removals.tsx';
import { Unread, unreadId } from './unread.tsx';

const unchangedText = 'No changes yet. An approval takes the arguments as they are.';

/** Approve, reject with a reason, or edit and approve. */
export function CallAnswers({
  approval,
  edit,
  reading,
  draft,
  setDraft,
  onAnswer,
  mayHold,
  isSending,
}: AnswersProps & {
  approval: ReviewerApproval;
  edit: Edit | undefined;
  reading: Reading;
  mayHold: (hand: Hand) => boolean;
}) {
  const { mode, note, removed: confirmed = [] } = draft;
  const startEdit = () => {
    const earlier = draft.edited === undefined && note === '' ? approval.draft?.note : null;
    setDraft({ mode: 'edit', ...(earlier != null && { note: earlier }) });
  };
  const area = useRef<HTMLDivElement>(null);
  const isEditing = mode === 'edit';
  const isRejecting = mode === 'reject';
  const mayNotApprove = approval.canDecide?.approve === false;
  const canApprove =
    !isSending &&
    !isRejecting &&
    !mayNotApprove &&
    reading.isRead &&
    (!isEditing || (edit !== undefined && whyNot(edit, confirmed) === undefined));
  const approve = (hand: Hand, how?: { atOnce: boolean }) => {
    if (canApprove)
      onAnswer(
        {
          decision: 'approve',
          ...(isEditing && edit?.isChanged && edit.edited !== undefined ? { modifiedDetails: edit.edited } : {}),
          ...(isEditing && edit?.unnamed ? { removed: edit.unnamed } : {}),
        },
        hand,
        how,
      );
  };
  const reject = (hand: Hand) => onAnswer({ decision: 'reject' }, hand);
  const needsHold = approval.riskLevel === 'critical';
  useShortcuts({
    // The hold button handles this key.
    a: needsHold ? undefined : () => approve('key'),
    r: isSending ? undefined : () => setDraft({ mode: 'reject' }),
    e: isSending || mayNotApprove ? undefined : startEdit,
    m: reading.isRead ? undefined : reading.readOn,
  });
  // In a mode Esc is the only key. It ends the mode and keeps the request open.
  useShortcuts(mode === 'none' ? {} : { Escape: () => setDraft({ mode: 'none' }) }, {
    level: 2,
    isModal: mode !== 'none',
  });
  useEffect(() => {
    if (isRejecting) focusFieldIn(area);
  }, [isRejecting]);
  const onNoteKey: FieldProps['onKeyDown'] = (event) => {
    // React Aria stops the propagation of keys by default.
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return event.continuePropagation();
    event.preventDefault();
    if (event.repeat) return;
    if (isRejecting) reject('key');
    else if (isEditing && !needsHold) approve('key');
  };

  return (
    <div ref={area} className="answers" role="group" aria-label="Your decision" tabIndex={-1} data-mode={mode}>
      {!isRejecting && <Unread reading={reading} what="Approve is" />}
      {isEditing && edit !== undefined && (
        <p className="answers-why" role="status">
          {!isSending && (whyNot(edit, confirmed) ?? (edit.isChanged ? '' : unchangedText))}
        </p>
      )}
      {isEditing && edit?.unnamed && (
        <Removals
          keys={edit.unnamed}
          confirmed={confirmed}
          isDisabled={isSending}
          onChange={(removed) => setDraft({ removed })}
        />
      )}
      <Field
        label={isRejecting ? 'Reason' : 'Note'}
        description={isRejecting ? undefined : 'The assistant may see this note.'}
        placeholder={isRejecting ? 'Helps the assistant to choose another approach' : 'Optional'}
        rows={isRejecting ? 2 : 1}
        maxLength={10_000}
        value={note}
        onChange={(text) => setDraft({ note: text })}
        onKeyDown={onNoteKey}
      />
      <QuickNotes
        presets={approval.presets}
        answer={isRejecting ? 'reject' : 'approve'}
        note={note}
        onNote={(text) => setDraft({ note: text })}
      />
      <div className="answers-buttons">
        {mode === 'none' ? (
          <>
            <Button
              look="reject"
              hint="R"
              icon={<XMarkIcon aria-hidden="true" />}
              isDisabled={isSending}
              onPress={() => setDraft({ mode: 'reject' })}
            >
              Reject…
            </Button>
            <Button
              hint="E"
              icon={<PencilIcon aria-hidden="true" />}
              isDisabled={isSending || mayNotApprove}
              onPress={startEdit}
            >
              Edit…
            </Button>
          </>
        ) : (
          <Button isDisabled={isSending} hint="Esc" onPress={() => setDraft({ mode: 'none' })}>
            {isEditing ? 'Cancel edit' : 'Cancel'}
          </Button>
        )}
        {isRejecting ? (
          <Button
            look="refuse"
            icon={<XMarkIcon aria-hidden="true" />}
            isPending={isSending}
            onPress={(event) => reject(handOf(event))}
          >
            Reject
          </Button>
        ) : needsHold ? (
          <HoldButton
            label={approveLabel(isEditing)}
            shortcut={isEditing ? undefined : 'A'}
            isDisabled={!canApprove}
            question={`This approves “${toolOf(approval)}” with the arguments shown.`}
            mayHold={mayHold}
            // A key held for a second is no slip.
            onHeld={(hand) => approve(hand, { atOnce: true })}
          />
        ) : (
          <Button
            look="approve"
            icon={<CheckIcon aria-hidden="true" />}
            {...(isEditing ? {} : { hint: 'A' })}
            isDisabled={!canApprove && !isSending}
            aria-describedby={unreadId}
            isPending={isSending}
            onPress={(event) => approve(handOf(event))}
          >
            {approveLabel(isEditing)}
          </Button>
        )}
      </div>
    </div>
  );
}

/** The reason that blocks the approval of an edit. */
function whyNot({ problem, unnamed = [] }: Edit, confirmed: readonly string[]): string | undefined {
  if (problem !== undefined) return problem;
  const open = unnamed.filter((key) => !confirmed.includes(key));
  return open.length === 0 ? undefined : `Confirm the removal of ${open.join(', ')}, or put it back.`;
}

function focusFieldIn(area: RefObject<HTMLElement | null>): void {
  area.current?.querySelector('textarea')?.focus();
}

function approveLabel(isEditing: boolean): string {
  return isEditing ? 'Approve with changes' : 'Approve';
}
