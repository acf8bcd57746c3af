import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Times, TimesList } from '../../src/contract/times.ts';
import { request } from '../api/request.ts';
import { useMe } from '../session/session.ts';
import { LiteralText } from '../ui/literal-text.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { AdminTable } from './admin-table.tsx';
import { ChangeDialog } from './change-dialog.tsx';
import { adminQuery } from './queries.ts';
import { TimesDialog, type TimesOwner } from './times-dialog.tsx';
import { risks, spanText } from './times-form.ts';
import { EditAndRemove } from './row-actions.tsx';

/** The times of each group and of requests to no group. */
export function TimesSection() {
  const mayChange = useMe().may('admin');
  const times = useQuery(adminQuery<TimesList>('/times'));
  const [changed, setChanged] = useState<TimesOwner>();
  const [removed, setRemoved] = useState<TimesOwner>();
  const groups = times.data?.groups.map(({ name }) => name) ?? [];
  return (
    <section className="times">
      <h2>Times</h2>
      <p className="quiet-text">
        When a waiting request is due, when its people are reminded, and who is asked then. A group without times has
        those of requests to no group.
      </p>
      <Loaded query={times}>
        {(list) => (
          <AdminTable
            label="Times"
            columns={['Requests to', 'Due after', 'Reminders', 'Asked then', 'Quiet hours', mayChange && 'Actions']}
          >
            {[
              { id: 'everyone', title: 'requests to no group', times: list.everyone },
              ...list.groups.map((group) => ({ id: group.id, title: group.name, times: group.times })),
            ].map((owner) => (
              <tr key={owner.id}>
                <th scope="row">
                  <LiteralText>{owner.id === 'everyone' ? 'no group' : owner.title}</LiteralText>
                </th>
                <TimesCells times={owner.times} />
                {mayChange && (
                  <td className="table-actions">
                    <EditAndRemove
                      name={`times of ${owner.title}`}
                      onEdit={() => setChanged(owner)}
                      onRemove={owner.times === null ? undefined : () => setRemoved(owner)}
                    />
                  </td>
                )}
              </tr>
            ))}
          </AdminTable>
        )}
      </Loaded>
      {changed !== undefined && <TimesDialog owner={changed} groups={groups} onClose={() => setChanged(undefined)} />}
      {removed !== undefined && (
        <ChangeDialog
          title={`Remove times of ${removed.title}`}
          verb="Remove"
          look="refuse"
          change={() => request<TimesList>('DELETE', `/times/${encodeURIComponent(removed.id)}`)}
          onDone={() => setRemoved(undefined)}
          onClose={() => setRemoved(undefined)}
        >
          <p>Open requests keep the times that they began with. Later ones have none of these.</p>
        </ChangeDialog>
      )}
    </section>
  );
}

function TimesCells({ times }: { times: Times | null }) {
  if (times === null)
    return (
      <td colSpan={4}>
        <span className="quiet-text">None</span>
      </td>
    );
  const { dueAfter, remindAfter, escalateTo, quietHours } = times;
  const due = risks.flatMap((risk) => (dueAfter[risk] === null ? [] : `${risk} ${spanText(dueAfter[risk])}`));
  return (
    <>
      <td>{due.length === 0 ? 'never' : due.join(', ')}</td>
      <td>{remindAfter.length === 0 ? 'none' : remindAfter.map(spanText).join(', ')}</td>
      <td>
        <LiteralText>
          {escalateTo.length === 0
            ? 'no others'
            : escalateTo.map((name) => (name === 'admins' ? 'the administrators' : name)).join(', then ')}
        </LiteralText>
      </td>
      <td>
        {quietHours === null
          ? 'none'
          : `${quietHours.from} to ${quietHours.until}${quietHours.weekends ? ', weekends' : ''} (${quietHours.zone})`}
      </td>
    </>
  );
}
