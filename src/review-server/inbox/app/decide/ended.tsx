import { ChevronRightIcon } from '@heroicons/react/16/solid';
import { Link } from '@tanstack/react-router';
import type { ReviewerApproval } from '../../../../schemas/reviewer-api.ts';
import { useInbox } from '../list/inbox-context.ts';
import { useMe } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { LiteralText } from '../ui/literal-text.tsx';
import { Notice } from '../ui/notice.tsx';
import { exactTime } from '../ui/time.tsx';
import { endedBy, headline, statusWord } from '../wording.ts';
import type { Draft } from './drafts.ts';

/** What was decided, by whom and when; what the reviewer had typed when somebody else was quicker; the way on. */
export function Ended({ approval, isMine, draft, onForget }: { approval: ReviewerApproval; isMine: boolean; draft: Draft; onForget: () => void }) {
  const me = useMe();
  const { next, search } = useInbox();
  const by = endedBy(approval, me.name);
  const wasTyped = draft.note.trim() !== '' || draft.edited !== undefined;
  return (
    <div className="ended" data-ended tabIndex={-1}>
      <Notice tone={isMine ? 'good' : 'info'}>
        <p><strong>{isMine || !wasTyped ? statusWord(approval) : `Already ${statusWord(approval).toLowerCase()}`}</strong> <LiteralText>{by}</LiteralText>{approval.decidedAt !== null && <> · <time dateTime={approval.decidedAt}>{exactTime(approval.decidedAt)}</time></>}</p>
        {!isMine && wasTyped && <p>That decision is final. Yours was not sent.</p>}
      </Notice>
      {wasTyped && !isMine && (
        <div className="kept">
          {draft.note.trim() !== '' && <><p className="quiet-text">Your note, kept:</p><blockquote className="quote"><LiteralText>{draft.note}</LiteralText></blockquote><CopyButton label="Copy your note" text={draft.note} /></>}
          {draft.edited !== undefined && <><p className="quiet-text">Your edit, kept:</p><pre><LiteralText>{draft.edited}</LiteralText></pre><CopyButton label="Copy your edit" text={draft.edited} /></>}
          <Button size="small" onPress={onForget}>Throw it away</Button>
        </div>
      )}
      {next !== undefined && <Link to="/approvals/$id" params={{ id: next.id }} search={search} className="next-link"><span>Next</span><span className="next-title"><LiteralText>{headline(next)}</LiteralText></span><kbd aria-hidden="true">J</kbd><ChevronRightIcon aria-hidden="true" /></Link>}
    </div>
  );
}
