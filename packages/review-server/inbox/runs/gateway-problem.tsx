import { Link } from '@tanstack/react-router';
import { problemText } from '../api/request.ts';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { isRefusal, NoGateway } from './gateway.ts';

/** Why no runs are shown, with the way on. */
export function GatewayProblem({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  if (error instanceof NoGateway)
    return (
      <p className="list-state">
        Runs are not set up. Set HOLDPOINT_REVIEW_GATEWAY_URL and HOLDPOINT_REVIEW_GATEWAY_KEY at this server, and
        HOLDPOINT_INBOX_URL at the gateway.
      </p>
    );
  if (isRefusal(error))
    return (
      <p className="list-state">
        You need the role “operator”, “admin” or “auditor” to see runs. <Link to="/">Go to inbox</Link>
      </p>
    );
  return (
    <>
      <Notice tone="bad">{problemText(error)}</Notice>
      <p>
        <Button onPress={onRetry}>Try again</Button>
      </p>
    </>
  );
}
