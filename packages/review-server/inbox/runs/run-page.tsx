import type { RecordedTurn, Run } from '@holdpoint/client';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useEffect } from 'react';
import { AdminHeader } from '../admin/admin-page.tsx';
import { problemText } from '../api/request.ts';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { LiteralText } from '../ui/literal-text.tsx';
import { LongText } from '../ui/long-text.tsx';
import { Notice, NoticePlace } from '../ui/notice.tsx';
import { exactTime } from '../ui/time.tsx';
import { atGateway, watchRun } from './gateway.ts';
import { GatewayProblem } from './gateway-problem.tsx';
import { RecordedCallView, valueText } from './recorded-call.tsx';
import { costText, RunStateMark, spanText, tokensText } from './run-words.tsx';

/** One run: its turns, calls and decisions. Live while the run is open. */
export function RunPage() {
  const { id } = useParams({ from: '/signed-in/runs/$id' });
  const client = useQueryClient();
  const pages = useInfiniteQuery({
    queryKey: ['run', id],
    queryFn: ({ pageParam }) =>
      atGateway(async (gateway) => ({
        run: await gateway.client.runs.get(id, pageParam === undefined ? {} : { turnsBefore: pageParam }),
        mayRetry: gateway.mayRetry,
      })),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ run: { record } }) => (record && record.earlierTurns > 0 ? record.turns[0]?.turn : undefined),
    retry: false,
  });
  const [newest] = pages.data?.pages ?? [];
  const isOpen = newest?.run.closedAt === null;
  useEffect(() => {
    if (!isOpen) return undefined;
    const stop = new AbortController();
    void watchRun(id, stop.signal, () => void client.invalidateQueries({ queryKey: ['run', id] }));
    return () => stop.abort();
  }, [id, isOpen, client]);
  return (
    <main id="main" className="admin-main run-main" tabIndex={-1}>
      <p>
        <Link to="/runs">All runs</Link>
      </p>
      {newest === undefined && (
        <AdminHeader title="Run">
          <LiteralText>{id}</LiteralText>
        </AdminHeader>
      )}
      {pages.error !== null && <GatewayProblem error={pages.error} onRetry={() => void pages.refetch()} />}
      {pages.isPending && <div className="skeleton skeleton-block" role="status" aria-label="Loading" />}
      {newest && (
        <>
          <RunHead run={newest.run} mayRetry={newest.mayRetry} />
          {pages.hasNextPage && (
            <p>
              <Button isPending={pages.isFetchingNextPage} onPress={() => void pages.fetchNextPage()}>
                Load earlier turns
              </Button>
            </p>
          )}
          <Turns
            run={newest.run}
            turns={(pages.data?.pages ?? []).toReversed().flatMap(({ run }) => run.record?.turns ?? [])}
          />
          <RunEnd run={newest.run} />
        </>
      )}
    </main>
  );
}

function RunHead({ run, mayRetry }: { run: Run; mayRetry: boolean }) {
  const client = useQueryClient();
  const retry = useMutation({
    mutationFn: () => atGateway((gateway) => gateway.client.runs.retry(run.id)),
    onSettled: () => client.invalidateQueries({ queryKey: ['run', run.id] }),
  });
  const cost = run.record && costText(run.record.usage);
  return (
    <>
      <AdminHeader
        title={run.kind === 'approval' ? 'Approval' : 'Run'}
        actions={
          run.state === 'parked' &&
          mayRetry && (
            <Button look="primary" isPending={retry.isPending} onPress={() => retry.mutate()}>
              Retry
            </Button>
          )
        }
      >
        <LiteralText>{run.summary}</LiteralText>
      </AdminHeader>
      <NoticePlace>
        {retry.isSuccess && run.state !== 'parked' && <Notice tone="good">The run goes on.</Notice>}
        {retry.error !== null && <Notice tone="bad">{problemText(retry.error)}</Notice>}
      </NoticePlace>
      <dl className="run-facts">
        <Fact name="Run">
          {run.id} <CopyButton text={run.id} label="Copy the run id" />
        </Fact>
        <Fact name="State">
          <RunStateMark state={run.state} />
        </Fact>
        <Fact name="Assistant">
          <LiteralText>{run.assistant}</LiteralText>
        </Fact>
        <Fact name="Caller">{run.caller ?? 'Not known'}</Fact>
        <Fact name="Started">{exactTime(run.startedAt)}</Fact>
        {run.closedAt !== null && <Fact name="Ended">{exactTime(run.closedAt)}</Fact>}
        {run.record && run.record.usage.turns > 0 && <Fact name="Tokens">{tokensText(run.record.usage)}</Fact>}
        {cost !== undefined && <Fact name="Cost">{cost}</Fact>}
        {run.record && run.record.temporalUrl !== null && (
          <Fact name="Temporal">
            <a href={run.record.temporalUrl} target="_blank" rel="noreferrer">
              Open in Temporal
            </a>
          </Fact>
        )}
      </dl>
      {run.detail?.parked.map(({ type, message, since }) => (
        <Notice key={`${since} ${type}`} tone="bad">
          Parked since {exactTime(since)}: <LiteralText>{`${type}. ${message}`}</LiteralText>
          {!mayRetry && ' A person with the role “operator” can retry it.'}
        </Notice>
      ))}
      {run.retrying.map(({ activity, callKey, attempt, lastError, nextTryAt }) => (
        <Notice key={`${activity} ${callKey} ${attempt}`} tone="info">
          Attempt {attempt} {nextTryAt === null ? 'runs now' : `follows at ${exactTime(nextTryAt)}`}. The last error:{' '}
          <LiteralText>{lastError}</LiteralText>
        </Notice>
      ))}
    </>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Turns({ run, turns }: { run: Run; turns: readonly RecordedTurn[] }) {
  const { record, detail } = run;
  if (!record) return null;
  return (
    <>
      {record.missing !== null && <Notice tone="info">{record.missing}</Notice>}
      {record.approval !== null && <RecordedCallView call={record.approval} open={undefined} />}
      {turns.map((turn) => (
        <section key={turn.turn} className="run-turn" aria-labelledby={`turn-${turn.turn}`}>
          <header>
            <h2 id={`turn-${turn.turn}`}>Turn {turn.turn}</h2>
            <p className="quiet-text">{turnFacts(turn)}</p>
          </header>
          {turn.messages.map((message, index) => (
            <p key={index} className="run-said">
              <strong>User:</strong> <LongText>{message}</LongText>
            </p>
          ))}
          {turn.words !== null && (
            <p className="run-said">
              <strong>Model:</strong> <LongText>{turn.words}</LongText>
            </p>
          )}
          {turn.calls.map((call) => (
            <RecordedCallView key={call.key} call={call} open={detail?.calls.find(({ key }) => key === call.key)} />
          ))}
          {turn.answer !== null && (
            <p className="run-said">
              <strong>{turn.refused ? 'Declined:' : 'Answer:'}</strong> <LongText>{valueText(turn.answer)}</LongText>
            </p>
          )}
        </section>
      ))}
      {turns.length === 0 && record.approval === null && record.missing === null && (
        <p className="list-state">{run.closedAt === null ? 'The first turn has not ended yet.' : 'No turns.'}</p>
      )}
    </>
  );
}

function turnFacts({ model, startedAt, endedAt, attempt, answers, usage, cost }: RecordedTurn): string {
  if (startedAt === null || endedAt === null) return 'Recorded by an older version';
  return [
    exactTime(startedAt),
    spanText(startedAt, endedAt),
    model ?? 'Model not known',
    tokensText(usage),
    ...(cost === null ? [] : [`${cost.amount} ${cost.currency}`]),
    ...(attempt !== null && attempt > 1 ? [`attempt ${attempt}`] : []),
    ...(answers > 1 ? [`${answers} answers of the model`] : []),
  ].join(' · ');
}

function RunEnd({ run: { state, failure, closedAt, detailMissing } }: { run: Run }) {
  if (failure !== null)
    return (
      <Notice tone="bad">
        {state === 'cancelled' ? 'Cancelled. ' : 'Failed. '}
        <LiteralText>{`${failure.type}: ${failure.message}`}</LiteralText>
      </Notice>
    );
  if (closedAt === null && detailMissing !== null) return <Notice tone="info">{detailMissing}</Notice>;
  return null;
}
