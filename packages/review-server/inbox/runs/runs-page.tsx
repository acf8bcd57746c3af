import type { ListRuns } from '@holdpoint/client';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';
import { AdminTable } from '../admin/admin-table.tsx';
import { AdminHeader } from '../admin/admin-page.tsx';
import { LoadOlder } from '../admin/paged-list.tsx';
import { Button } from '../ui/button.tsx';
import { Choice, Field } from '../ui/field.tsx';
import { LiteralText } from '../ui/literal-text.tsx';
import { TimeAgo } from '../ui/time.tsx';
import { atGateway } from './gateway.ts';
import { GatewayProblem } from './gateway-problem.tsx';
import type { RunSearch } from './run-search.ts';
import { RunStateMark, stateOptions } from './run-words.tsx';

const perPage = 50;
/** The list follows changes at this interval. Each open run is live on its own page. */
const refreshMs = 10_000;

const spans = [
  { id: '1', text: 'Last hour' },
  { id: '24', text: 'Last day' },
  { id: '168', text: 'Last week' },
  { id: '720', text: 'Last 30 days' },
];

/** The runs of the gateway, with search and filters. */
export function RunsPage() {
  const search = useSearch({ from: '/signed-in/runs' });
  const navigate = useNavigate();
  const list = useInfiniteQuery({
    queryKey: ['runs', search],
    queryFn: ({ pageParam }) =>
      atGateway(({ client }) => client.runs.list({ ...filterOf(search), limit: perPage, pageToken: pageParam })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextPageToken }) => nextPageToken ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: refreshMs,
    retry: false,
  });
  const seen = new Map(list.data?.pages.flatMap(({ runs }) => runs).map((run) => [run.id, run]));
  const runs = [...seen.values()];
  const change = (more: RunSearch) => {
    const next = { ...search, ...more };
    void navigate({
      to: '/runs',
      search: Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined && value !== '')),
      replace: true,
    });
  };
  return (
    <main id="main" className="admin-main run-main" tabIndex={-1}>
      <AdminHeader
        title="Runs"
        actions={
          <>
            <Choice
              hideLabel
              label="State"
              any="Any state"
              value={search.state}
              entries={stateOptions}
              onChange={(state) => change({ state: state ?? '' })}
            />
            <Choice
              hideLabel
              label="Started"
              any="Any time"
              value={search.since}
              entries={spans}
              onChange={(since) => change({ since: since ?? '' })}
            />
          </>
        }
      >
        What the assistants did and what they wait for.
      </AdminHeader>
      {/* The fields start anew where the address changes, for example by the back button. */}
      <SearchForm key={`${search.text}\n${search.assistant}`} search={search} onSearch={change} />
      {list.error !== null && <GatewayProblem error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <div className="skeleton skeleton-block" role="status" aria-label="Loading" />}
      {list.isSuccess && runs.length === 0 && (
        <p className="list-state">{Object.keys(search).length === 0 ? 'No runs.' : 'No matching runs.'}</p>
      )}
      {runs.length > 0 && (
        <AdminTable label="Runs" columns={['Run', 'State', 'Assistant', 'Caller', 'Started', 'Input']}>
          {runs.map((run) => (
            <tr key={run.id}>
              <th scope="row" className="table-id">
                <Link to="/runs/$id" params={{ id: run.id }}>
                  {run.id}
                </Link>
              </th>
              <td>
                <RunStateMark state={run.state} />
              </td>
              <td>
                <LiteralText>{run.assistant}</LiteralText>
              </td>
              <td>{run.caller === null ? <span className="quiet-text">Not known</span> : run.caller}</td>
              <td className="no-wrap">
                <TimeAgo at={run.startedAt} />
              </td>
              <td className="table-facts">
                <LiteralText>{run.summary}</LiteralText>
              </td>
            </tr>
          ))}
        </AdminTable>
      )}
      <LoadOlder list={list} />
    </main>
  );
}

function SearchForm({ search, onSearch }: { search: RunSearch; onSearch: (search: RunSearch) => void }) {
  const [text, setText] = useState(search.text ?? '');
  const [assistant, setAssistant] = useState(search.assistant ?? '');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSearch({ text: text.trim(), assistant: assistant.trim() });
  };
  return (
    <form className="run-search" role="search" aria-label="Runs" onSubmit={submit}>
      <Field label="Search" placeholder="Run id, input or context" value={text} onChange={setText} />
      <Field label="Assistant" placeholder="Exact name" value={assistant} onChange={setAssistant} />
      <Button type="submit">Search</Button>
    </form>
  );
}

function filterOf({ state, assistant, text, since }: RunSearch): ListRuns {
  const hours = Number(since);
  return {
    ...(stateOptions.some(({ id }) => id === state) && { state: state as NonNullable<ListRuns['state']> }),
    ...(assistant !== undefined && { assistant }),
    ...(text !== undefined && { text }),
    ...(hours > 0 && { since: new Date(Date.now() - hours * 3_600_000).toISOString() }),
  };
}
