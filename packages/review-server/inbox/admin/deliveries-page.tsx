import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { Delivery, deliveryListSchema } from '../../src/contract/deliveries.ts';
import { problemText, request } from '../api/request.ts';
import { useMe } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { Choice } from '../ui/field.tsx';
import { LiteralText } from '../ui/literal-text.tsx';
import { Notice } from '../ui/notice.tsx';
import { exactTime, TimeAgo } from '../ui/time.tsx';
import { counted } from '../wording.ts';
import { AdminTable } from './admin-table.tsx';
import { AdminHeader } from './admin-page.tsx';
import { LoadOlder, usePagedList } from './paged-list.tsx';
import { isUnderWay } from './under-way.ts';

const stateOptions = [
  { id: 'due', text: 'Pending' },
  { id: 'delivered', text: 'Delivered' },
  { id: 'given-up', text: 'Given up' },
];

/** The callbacks of decisions with all attempts. */
export function DeliveriesPage() {
  const me = useMe();
  const client = useQueryClient();
  const navigate = useNavigate();
  const search = useSearch({ from: '/signed-in/admin/deliveries' });
  const list = usePagedList<(typeof deliveryListSchema)['_output']>('/deliveries', search, ({ deliveries: page }) =>
    isUnderWay(page, Date.now()),
  );
  const resend = useMutation({
    mutationFn: (id: string) => request('POST', `/deliveries/${encodeURIComponent(id)}/resend`, {}),
    onSettled: () => client.invalidateQueries({ queryKey: ['admin', '/deliveries'] }),
  });
  const deliveries = list.data?.pages.flatMap((page) => page.deliveries) ?? [];
  return (
    <>
      <AdminHeader
        title="Deliveries"
        actions={
          <Choice
            hideLabel
            label="State"
            any="Any state"
            value={search.state}
            entries={stateOptions}
            onChange={(state) =>
              void navigate({
                from: '/admin/deliveries',
                to: '/admin/deliveries',
                search: ({ approval }) => ({
                  ...(approval === undefined ? {} : { approval }),
                  ...(state === undefined ? {} : { state }),
                }),
                replace: true,
              })
            }
          />
        }
      >
        Callbacks to the requester. A failed delivery is retried for 72 hours.
      </AdminHeader>
      {search.approval !== undefined && (
        <p>
          Showing one request only.{' '}
          <Link to="/admin/deliveries" search={{}}>
            Show all
          </Link>
        </p>
      )}
      {(list.error ?? resend.error) !== null && <Notice tone="bad">{problemText(list.error ?? resend.error)}</Notice>}
      {list.isSuccess && deliveries.length === 0 && (
        <p className="list-state">{Object.keys(search).length === 0 ? 'No deliveries.' : 'No matching deliveries.'}</p>
      )}
      {deliveries.length > 0 && (
        <AdminTable label="Deliveries" columns={['To', 'Request', 'State', 'Attempts', me.may('admin') && 'Actions']}>
          {deliveries.map((delivery) => (
            <tr key={delivery.id}>
              <th scope="row">
                <LiteralText>{delivery.to}</LiteralText>
              </th>
              <td>
                <Link to="/approvals/$id" params={{ id: delivery.approvalId }}>
                  {delivery.approvalId}
                </Link>
                <br />
                <span className="quiet-text">
                  <TimeAgo at={delivery.createdAt} />
                </span>
              </td>
              <td>
                <DeliveryState delivery={delivery} />
              </td>
              <td>
                <Attempts delivery={delivery} />
              </td>
              {me.may('admin') && (
                <td className="table-actions">
                  <Button
                    size="small"
                    isPending={resend.isPending && resend.variables === delivery.id}
                    onPress={() => resend.mutate(delivery.id)}
                  >
                    Resend
                  </Button>
                </td>
              )}
            </tr>
          ))}
        </AdminTable>
      )}
      <LoadOlder list={list} />
    </>
  );
}

function DeliveryState({ delivery: { state, nextAttemptAt } }: { delivery: Delivery }) {
  if (state === 'delivered')
    return (
      <span className="state" data-state="good">
        Delivered
      </span>
    );
  if (state === 'given-up')
    return (
      <span className="state" data-state="bad">
        Given up
      </span>
    );
  return (
    <>
      <span className="state" data-state="warn">
        Pending
      </span>
      {nextAttemptAt !== null && <p className="quiet-text">Next attempt: {exactTime(nextAttemptAt)}</p>}
    </>
  );
}

function Attempts({ delivery: { attempts } }: { delivery: Delivery }) {
  if (attempts.length === 0) return <span className="quiet-text">None</span>;
  return (
    <details>
      <summary>{counted(attempts.length, 'attempt')}</summary>
      <ol className="attempts">
        {attempts.map(({ number, at, tookMs, status, problem }) => (
          <li key={number}>
            {exactTime(at)} · {tookMs} ms ·{' '}
            {problem === null ? `status ${status}` : <LiteralText>{problem}</LiteralText>}
          </li>
        ))}
      </ol>
    </details>
  );
}
