import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useEffect } from 'react';
import { approvalQuery, countsQuery } from '../api/queries.ts';
import { problemText, RequestProblem } from '../api/request.ts';
import { useInbox } from '../list/inbox-context.ts';
import { literalTitle } from '../../src/contract/literal-parts.ts';
import { lazyPart } from '../ui/lazy-part.tsx';
import { Notice } from '../ui/notice.tsx';
import { PlainButton } from '../ui/plain-button.tsx';
import { useHeldShortcuts } from '../shell/shortcuts.ts';
import { headline, shortened } from '../wording.ts';

const ApprovalView = lazyPart(async () => (await import('./approval-view.tsx')).ApprovalView, {
  placeholder: <LoadingRequest />,
});

/** Loads and shows the open request. */
export function ApprovalPane() {
  const { id } = useParams({ from: '/signed-in/inbox/approvals/$id' });
  const { close } = useInbox();
  const { data: approval, error, refetch, isFetching } = useQuery(approvalQuery(id));
  const { data: counts } = useQuery(countsQuery);
  const title = approval === undefined ? 'Request' : literalTitle(shortened(headline(approval)));
  useEffect(() => {
    document.title = `${counts?.needsYou ? `(${counts.needsYou}) ` : ''}${title} · Holdpoint`;
  }, [counts, title]);

  if (approval !== undefined) return <ApprovalView key={id} approval={approval} />;
  if (error === null) return <LoadingRequest />;
  return (
    <div className="approval-problem">
      {error instanceof RequestProblem && error.status === 404 ? (
        <>
          <h1>Request not found</h1>
          <p>Check the address, or open the request from the list.</p>
        </>
      ) : (
        <Notice tone="bad">{problemText(error)}</Notice>
      )}
      <p>
        <PlainButton onPress={close}>Back to list</PlainButton>{' '}
        <PlainButton onPress={() => void refetch()} isPending={isFetching}>
          Try again
        </PlainButton>
      </p>
    </div>
  );
}

/** In place of a request while its data or its part of the page is on the way. */
function LoadingRequest() {
  const { id } = useParams({ from: '/signed-in/inbox/approvals/$id' });
  useHeldShortcuts(id, ['e', 'r', 'q', 'i']);
  return (
    <div className="approval-loading" role="status" aria-label="Loading request">
      <div className="skeleton skeleton-title" />
      <div className="skeleton" />
      <div className="skeleton skeleton-block" />
    </div>
  );
}
