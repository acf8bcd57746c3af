import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Checkbox, CheckboxGroup, Label } from 'react-aria-components';
import type { Group, groupListSchema } from '../../src/contract/groups.ts';
import type { userListSchema } from '../../src/contract/users.ts';
import { request } from '../api/request.ts';
import { useMe } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { Choice, Field } from '../ui/field.tsx';
import { LiteralText } from '../ui/literal-text.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { AdminHeader } from './admin-page.tsx';
import { AdminTable } from './admin-table.tsx';
import { ChangeDialog } from './change-dialog.tsx';
import { adminQuery } from './queries.ts';
import { TimesSection } from './times-section.tsx';
import { EditAndRemove } from './row-actions.tsx';

/** The groups to which requests are addressed. */
export function GroupsPage() {
  const me = useMe();
  const mayChange = me.may('admin');
  const groups = useQuery(adminQuery<(typeof groupListSchema)['_output']>('/groups'));
  const [changed, setChanged] = useState<Group | 'new'>();
  const [removed, setRemoved] = useState<Group>();
  return (
    <>
      <AdminHeader
        title="Groups"
        actions={
          mayChange && (
            <Button look="primary" onPress={() => setChanged('new')}>
              Add group
            </Button>
          )
        }
      >
        A tool, an assistant or a rule addresses requests to a group by its name. Its members decide them.
      </AdminHeader>
      <Loaded query={groups}>
        {({ groups: list }) =>
          list.length === 0 ? (
            <p>No groups yet. Every reviewer decides every request.</p>
          ) : (
            <AdminTable label="Groups" columns={['Name', 'Members', 'Visible to', 'Waiting', mayChange && 'Actions']}>
              {list.map((group) => (
                <tr key={group.id}>
                  <th scope="row">
                    <LiteralText>{group.name}</LiteralText>
                  </th>
                  <td>
                    {group.members.length === 0 ? (
                      <span className="quiet-text">Nobody: its requests go to the administrators</span>
                    ) : (
                      <LiteralText>{group.members.join(', ')}</LiteralText>
                    )}
                  </td>
                  <td>{group.visibleTo === 'everyone' ? 'everyone' : 'members, admins, auditors'}</td>
                  <td>{group.waiting}</td>
                  {mayChange && (
                    <td className="table-actions">
                      <EditAndRemove
                        name={group.name}
                        onEdit={() => setChanged(group)}
                        onRemove={() => setRemoved(group)}
                      />
                    </td>
                  )}
                </tr>
              ))}
            </AdminTable>
          )
        }
      </Loaded>
      <TimesSection />
      {changed !== undefined && (
        <GroupDialog group={changed === 'new' ? undefined : changed} onClose={() => setChanged(undefined)} />
      )}
      {removed !== undefined && (
        <ChangeDialog
          title={`Remove ${removed.name}`}
          verb="Remove"
          look="refuse"
          change={() => request('DELETE', `/groups/${encodeURIComponent(removed.id)}`)}
          onDone={() => setRemoved(undefined)}
          onClose={() => setRemoved(undefined)}
        >
          <p>
            Requests that name <strong>{removed.name}</strong> afterwards go to the administrators. The group can’t be
            removed while requests wait for it.
          </p>
        </ChangeDialog>
      )}
    </>
  );
}

function GroupDialog({ group, onClose }: { group: Group | undefined; onClose: () => void }) {
  const users = useQuery(adminQuery<(typeof userListSchema)['_output']>('/users'));
  const [name, setName] = useState(group?.name ?? '');
  const [members, setMembers] = useState<readonly string[]>(group?.members ?? []);
  const [visibleTo, setVisibleTo] = useState<Group['visibleTo']>(group?.visibleTo ?? 'members');
  const body = { name, members, visibleTo };
  return (
    <ChangeDialog
      title={group === undefined ? 'Add group' : `Edit ${group.name}`}
      verb={group === undefined ? 'Add' : 'Save'}
      change={() =>
        group === undefined
          ? request('POST', '/groups', body)
          : request('PATCH', `/groups/${encodeURIComponent(group.id)}`, body)
      }
      onDone={onClose}
      onClose={onClose}
    >
      <Field
        label="Name"
        isRequired
        autoFocus
        autoComplete="off"
        description="The name that tools write: review: { by: '…' }."
        value={name}
        onChange={setName}
      />
      <Loaded query={users}>
        {({ users: all }) => (
          <CheckboxGroup className="field" value={[...members]} onChange={setMembers}>
            <Label>Members</Label>
            {all.map((user) => (
              <Checkbox key={user.name} value={user.name} className="checkbox">
                <span className="checkbox-box" aria-hidden="true" />
                {user.name}
                {!user.roles.includes('reviewer') && <span className="quiet-text">is no reviewer, so can’t vote</span>}
              </Checkbox>
            ))}
          </CheckboxGroup>
        )}
      </Loaded>
      <Choice
        label="Its requests are visible to"
        value={visibleTo}
        entries={[
          { id: 'members', text: 'Members, administrators and auditors' },
          { id: 'everyone', text: 'Everyone. Others read them and can’t decide' },
        ]}
        onChange={(chosen) => setVisibleTo(chosen === 'everyone' ? 'everyone' : 'members')}
      />
    </ChangeDialog>
  );
}
