import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Checkbox, CheckboxGroup, Label } from 'react-aria-components';
import type { Role } from '../../src/contract/session.ts';
import type { User, userListSchema } from '../../src/contract/users.ts';
import { signInOptionsQuery } from '../api/queries.ts';
import { request } from '../api/request.ts';
import { useMe } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { LastTime, TimeAgo } from '../ui/time.tsx';
import { AdminTable } from './admin-table.tsx';
import { AdminHeader } from './admin-page.tsx';
import { ChangeDialog } from './change-dialog.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { LinkUserDialog } from './link-user-dialog.tsx';
import { adminQuery } from './queries.ts';
import { EditAndRemove } from './row-actions.tsx';

const allRoles: readonly { role: Role; may: string }[] = [
  { role: 'reviewer', may: 'Claims and decides requests' },
  { role: 'admin', may: 'Manages users, keys, assistants and rules' },
  { role: 'auditor', may: 'Reads everything, including the audit' },
  { role: 'operator', may: 'Reads runs and resumes parked ones' },
];

/** The users and their roles. */
export function UsersPage() {
  const me = useMe();
  const users = useQuery(adminQuery<(typeof userListSchema)['_output']>('/users'));
  const [changed, setChanged] = useState<User | 'new'>();
  const [removed, setRemoved] = useState<User>();
  const [linked, setLinked] = useState<User>();
  const provider = useQuery(signInOptionsQuery()).data?.provider ?? null;
  return (
    <>
      <AdminHeader
        title="Users"
        actions={
          <Button look="primary" onPress={() => setChanged('new')}>
            Add user
          </Button>
        }
      >
        People who can sign in. A new password ends the user’s sessions.
      </AdminHeader>
      <Loaded query={users}>
        {({ users: list }) => (
          <AdminTable label="Users" columns={['Name', 'Roles', 'Added', 'Last sign-in', 'Actions']}>
            {list.map((user) => (
              <tr key={user.name}>
                <th scope="row">
                  {user.name}
                  {user.name === me.name && <span className="quiet-text"> (you)</span>}
                </th>
                <td>{user.roles.join(', ')}</td>
                <td>
                  {user.createdAt === null ? (
                    <span className="quiet-text">Unknown</span>
                  ) : (
                    <TimeAgo at={user.createdAt} />
                  )}
                </td>
                <td>
                  <LastTime at={user.lastSignInAt} />
                </td>
                <td className="table-actions">
                  <EditAndRemove name={user.name} onEdit={() => setChanged(user)} onRemove={() => setRemoved(user)}>
                    {provider !== null && list.length > 1 && (
                      <Button size="small" onPress={() => setLinked(user)} aria-label={`Link ${user.name}`}>
                        Link…
                      </Button>
                    )}
                  </EditAndRemove>
                </td>
              </tr>
            ))}
          </AdminTable>
        )}
      </Loaded>
      {changed !== undefined && (
        <UserDialog user={changed === 'new' ? undefined : changed} onClose={() => setChanged(undefined)} />
      )}
      {linked !== undefined && (
        <LinkUserDialog
          user={linked}
          others={(users.data?.users ?? []).filter(({ name }) => name !== linked.name)}
          provider={provider?.name ?? ''}
          onClose={() => setLinked(undefined)}
        />
      )}
      {removed !== undefined && (
        <ChangeDialog
          title={`Remove ${removed.name}`}
          verb="Remove"
          look="refuse"
          change={() => request('DELETE', `/users/${encodeURIComponent(removed.name)}`)}
          onDone={() => setRemoved(undefined)}
          onClose={() => setRemoved(undefined)}
        >
          <p>
            <strong>{removed.name}</strong> is signed out and can’t sign in again. Decisions and the audit keep the
            name.
          </p>
        </ChangeDialog>
      )}
    </>
  );
}

function UserDialog({ user, onClose }: { user: User | undefined; onClose: () => void }) {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [aliases, setAliases] = useState(user?.aliases.join('\n') ?? '');
  const [roles, setRoles] = useState<readonly string[]>(user?.roles ?? ['reviewer']);
  const change = () =>
    user === undefined
      ? request('POST', '/users', { name, password, roles })
      : request('PATCH', `/users/${encodeURIComponent(user.name)}`, {
          roles,
          aliases: aliases.split('\n').filter((line) => line.trim() !== ''),
          ...(password === '' ? {} : { password }),
        });
  return (
    <ChangeDialog
      title={user === undefined ? 'Add user' : `Edit ${user.name}`}
      verb={user === undefined ? 'Add' : 'Save'}
      change={change}
      onDone={onClose}
      onClose={onClose}
    >
      {user === undefined && (
        <Field label="Name" isRequired autoFocus autoComplete="off" value={name} onChange={setName} />
      )}
      <Field
        label={user === undefined ? 'Password' : 'New password'}
        type="password"
        autoComplete="new-password"
        description={
          user === undefined
            ? 'At least 12 characters.'
            : 'At least 12 characters. Leave empty to keep the current password.'
        }
        isRequired={user === undefined}
        value={password}
        onChange={setPassword}
      />
      <CheckboxGroup className="field" value={[...roles]} onChange={setRoles}>
        <Label>Roles</Label>
        {allRoles.map(({ role, may }) => (
          <Checkbox key={role} value={role} className="checkbox">
            <span className="checkbox-box" aria-hidden="true" />
            {role} <span className="quiet-text">{may}</span>
          </Checkbox>
        ))}
      </CheckboxGroup>
      {user !== undefined && (
        <Field
          label="Aliases"
          rows={2}
          description="One on each line, such as an e-mail address. A request that an assistant makes for one of these names needs the approval of another person."
          value={aliases}
          onChange={setAliases}
        />
      )}
    </ChangeDialog>
  );
}
