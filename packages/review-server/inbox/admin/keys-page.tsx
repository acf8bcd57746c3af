import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ConnectionKey, keyListSchema, NewKey } from '../../src/contract/review-admin.ts';
import { request } from '../api/request.ts';
import { useMe } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { LiteralText } from '../ui/literal-text.tsx';
import { exactTime, LastTime, TimeAgo } from '../ui/time.tsx';
import { AdminTable } from './admin-table.tsx';
import { AdminHeader } from './admin-page.tsx';
import { ChangeDialog } from './change-dialog.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { adminQuery } from './queries.ts';
import { RotateKeyDialog } from './rotate-key-dialog.tsx';
import { SecretShownOnce } from './secret-shown-once.tsx';

type Doing = { what: 'create' } | { what: 'rotate' | 'revoke'; key: ConnectionKey };

/** The keys that assistants use to send requests. */
export function KeysPage() {
  const me = useMe();
  const keys = useQuery(adminQuery<(typeof keyListSchema)['_output']>('/keys'));
  const [doing, setDoing] = useState<Doing>();
  const [made, setMade] = useState<NewKey>();
  const end = () => setDoing(undefined);
  const show = (key: NewKey) => {
    end();
    setMade(key);
  };
  return (
    <>
      <AdminHeader
        title="Connection Keys"
        actions={
          me.may('admin') && (
            <Button look="primary" onPress={() => setDoing({ what: 'create' })}>
              Create key
            </Button>
          )
        }
      >
        Assistants send requests with these keys. The full key is shown once, when you create it.
      </AdminHeader>
      <Loaded query={keys}>
        {({ keys: list }) =>
          list.length === 0 ? (
            <p className="list-state">No keys.</p>
          ) : (
            <AdminTable
              label="Connection Keys"
              columns={['Assistant', 'Key', 'State', 'Created', 'Last used', me.may('admin') && 'Actions']}
            >
              {list.map((key) => (
                <tr key={key.id}>
                  <th scope="row">
                    <LiteralText>{key.assistant}</LiteralText>
                  </th>
                  <td>
                    <code>{key.masked}</code>
                  </td>
                  <td>
                    <KeyState connectionKey={key} />
                  </td>
                  <td>
                    <TimeAgo at={key.createdAt} />
                    {key.createdBy !== null && <> by {key.createdBy}</>}
                  </td>
                  <td>
                    <LastTime at={key.lastUsedAt} />
                  </td>
                  {me.may('admin') && (
                    <td className="table-actions">
                      {key.state === 'active' && (
                        <Button
                          size="small"
                          onPress={() => setDoing({ what: 'rotate', key })}
                          aria-label={`Rotate key of ${key.assistant}, ${key.masked}`}
                        >
                          Rotate…
                        </Button>
                      )}
                      {key.state !== 'revoked' && (
                        <Button
                          size="small"
                          look="reject"
                          onPress={() => setDoing({ what: 'revoke', key })}
                          aria-label={`Revoke key of ${key.assistant}, ${key.masked}`}
                        >
                          Revoke…
                        </Button>
                      )}
                    </td>
                  )}
                </tr>
              ))}
            </AdminTable>
          )
        }
      </Loaded>
      {doing?.what === 'create' && <CreateKey onClose={end} onMade={show} />}
      {doing?.what === 'rotate' && (
        <RotateKeyDialog
          title="Rotate key"
          rotate={(overlapSeconds) =>
            request<NewKey>('POST', `/keys/${encodeURIComponent(doing.key.id)}/rotate`, { overlapSeconds })
          }
          onClose={end}
          onMade={show}
        >
          A new key for{' '}
          <strong>
            <LiteralText>{doing.key.assistant}</LiteralText>
          </strong>{' '}
          replaces <code>{doing.key.masked}</code>.
        </RotateKeyDialog>
      )}
      {doing?.what === 'revoke' && (
        <ChangeDialog
          title="Revoke key"
          verb="Revoke"
          look="refuse"
          change={() => request('POST', `/keys/${encodeURIComponent(doing.key.id)}/revoke`, {})}
          onDone={end}
          onClose={end}
        >
          <p>
            <code>{doing.key.masked}</code> of{' '}
            <strong>
              <LiteralText>{doing.key.assistant}</LiteralText>
            </strong>{' '}
            stops working at once. You can’t undo this. Its requests are kept.
          </p>
        </ChangeDialog>
      )}
      {made !== undefined && (
        <SecretShownOnce
          title={`Key of ${made.key.assistant}`}
          secret={made.secret}
          onClose={() => setMade(undefined)}
        />
      )}
    </>
  );
}

function KeyState({ connectionKey: { state, expiresAt } }: { connectionKey: ConnectionKey }) {
  if (state === 'retiring')
    return (
      <span className="state" data-state="warn">
        {expiresAt === null ? 'Expires soon' : `Expires ${exactTime(expiresAt)}`}
      </span>
    );
  return (
    <span className="state" data-state={state === 'active' ? 'good' : 'off'}>
      {state === 'active' ? 'Active' : 'Revoked'}
    </span>
  );
}

function CreateKey({ onClose, onMade }: { onClose: () => void; onMade: (key: NewKey) => void }) {
  const [assistant, setAssistant] = useState('');
  return (
    <ChangeDialog
      title="Create Connection Key"
      verb="Create key"
      change={() => request<NewKey>('POST', '/keys', { assistant })}
      onDone={onMade}
      onClose={onClose}
    >
      <Field
        label="Assistant"
        description="The name of an existing or a new assistant."
        isRequired
        autoFocus
        value={assistant}
        onChange={setAssistant}
      />
    </ChangeDialog>
  );
}
