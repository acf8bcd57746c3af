import { ChevronRightIcon } from '@heroicons/react/16/solid';
import { Link } from '@tanstack/react-router';
import type { ReviewerApproval } from '../../src/contract/reviewer-api.ts';
import { useInbox } from '../list/inbox-context.ts';
import { useMe } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { LiteralText } from '../ui/literal-text.tsx';
import { Notice } from '../ui/notice.tsx';
import { exactTime } from '../ui/time.tsx';
import { endedBy, headline, shortened, statusWord } from '../wording.ts';
import type { Draft } from './drafts.ts';
import { expectShown } from './shown.ts';

type EndedProps = {
  approval: ReviewerApproval;
  /** Decided on this page a moment ago. */
  isMine: boolean;
  draft: Draft;
};

/** The decision: by whom and when. */
export function EndedNotice({ approval, isMine, draft }: EndedProps) {
  const me = useMe();
  const isLate = !isMine && wasTyped(draft);
  return (
    <Notice tone={isMine ? 'good' : 'info'}>
      <p>
        <strong>{isLate ? `Already ${statusWord(approval).toLowerCase()}` : statusWord(approval)}</strong>{' '}
        <LiteralText>{endedBy(approval, me.name)}</LiteralText>
        {approval.decidedAt !== null && (
          <>
            {' '}
            · <time dateTime={approval.decidedAt}>{exactTime(approval.decidedAt)}</time>
          </>
        )}
      </p>
      {isLate && <p>That decision is final. Your decision was not sent.</p>}
    </Notice>
  );
}

/** The unsent text of the reviewer, and the link to the next request. */
export function Ended({ isMine, draft, onForget }: Omit<EndedProps, 'approval'> & { onForget: () => void }) {
  const { next, search } = useInbox();
  return (
    <>
      {wasTyped(draft) && !isMine && (
        <div className="kept">
          {draft.note.trim() !== '' && (
            <>
              <p className="quiet-text">Your unsent note:</p>
              <blockquote className="quote">
                <LiteralText>{draft.note}</LiteralText>
              </blockquote>
              <CopyButton label="Copy note" text={draft.note} />
            </>
          )}
          {draft.edited !== undefined && (
            <>
              <p className="quiet-text">Your unsent edit:</p>
              <pre>
                <LiteralText>{draft.edited}</LiteralText>
              </pre>
              <CopyButton label="Copy edit" text={draft.edited} />
            </>
          )}
          <Button size="small" onPress={onForget}>
            Discard
          </Button>
        </div>
      )}
      {next !== undefined && (
        <Link
          to="/approvals/$id"
          params={{ id: next.id }}
          search={search}
          className="next-link"
          onClick={() => expectShown(next.id)}
        >
          <span>Next</span>
          <span className="next-title">
            <LiteralText>{shortened(headline(next))}</LiteralText>
          </span>
          <kbd aria-hidden="true">J</kbd>
          <ChevronRightIcon aria-hidden="true" />
        </Link>
      )}
    </>
  );
}

function wasTyped({ note, edited }: Draft): boolean {
  return note.trim() !== '' || edited !== undefined;
}
