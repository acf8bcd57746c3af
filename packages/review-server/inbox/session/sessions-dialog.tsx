import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { SessionList } from '../../src/contract/session.ts';
import { sessionsQuery } from '../api/queries.ts';
import { problemText, request } from '../api/request.ts';
import { literalTitle } from '../../src/contract/literal-parts.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { LiteralText } from '../ui/literal-text.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Notice } from '../ui/notice.tsx';
import { exactTime, TimeAgo } from '../ui/time.tsx';
import { agentName } from './agent-name.ts';

/** The user's sessions, and buttons that end the other ones. */
export function SessionsDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Your sessions" isOpen onClose={onClose}>
      <OwnSessions />
    </Dialog>
  );
}

function OwnSessions() {
  const client = useQueryClient();
  const sessions = useQuery(sessionsQuery);
  const end = useMutation({
    mutationFn: (which: string) => request('DELETE', `/sessions${which}`),
    onSettled: () => client.invalidateQueries({ queryKey: sessionsQuery.queryKey }),
  });
  return (
    <Loaded query={sessions}>
      {({ sessions: list }) => {
        const others = list.filter(({ current }) => !current);
        return (
          <>
            <ul className="sessions">
              {list.map((session) => (
                <OneSession
                  key={session.id}
                  session={session}
                  onEnd={() => end.mutate(`/${encodeURIComponent(session.id)}`)}
                />
              ))}
            </ul>
            {end.error !== null && <Notice tone="bad">{problemText(end.error)}</Notice>}
            <div className="dialog-actions">
              <p className="quiet-text" role="status">
                {others.length === 0 && 'No other sessions.'}
              </p>
              {others.length > 0 && (
                <Button look="reject" isPending={end.isPending} onPress={() => end.mutate('')}>
                  Sign out everywhere else
                </Button>
              )}
            </div>
          </>
        );
      }}
    </Loaded>
  );
}

function OneSession({
  session: { agent, createdAt, expiresAt, current },
  onEnd,
}: {
  session: SessionList['sessions'][number];
  onEnd: () => void;
}) {
  const name = agentName(agent);
  return (
    <li>
      <div title={agent === null ? undefined : literalTitle(agent)}>
        <p>
          <strong>
            <LiteralText>{name}</LiteralText>
          </strong>
          {current && (
            <>
              {' '}
              <span className="this-one">This session</span>
            </>
          )}
        </p>
        <p className="quiet-text">
          Signed in <TimeAgo at={createdAt} /> · Expires {exactTime(expiresAt)}
        </p>
      </div>
      {!current && (
        <Button
          size="small"
          onPress={onEnd}
          aria-label={`Sign out of ${literalTitle(name)}, signed in ${exactTime(createdAt)}`}
        >
          Sign out
        </Button>
      )}
    </li>
  );
}
