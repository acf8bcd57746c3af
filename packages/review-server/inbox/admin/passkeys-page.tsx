import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import type { PasskeyAdmin, PasskeyRules, passkeysResetSchema } from '../../src/contract/passkeys.ts';
import { problemText, request } from '../api/request.ts';
import { provePasskey, PasskeyProblem } from '../session/passkey.ts';
import { useMe } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { Choice } from '../ui/field.tsx';
import { LiteralText } from '../ui/literal-text.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Notice, NoticePlace } from '../ui/notice.tsx';
import { exactTime, LastTime } from '../ui/time.tsx';
import { AdminTable } from './admin-table.tsx';
import { AdminHeader } from './admin-page.tsx';
import { ChangeDialog } from './change-dialog.tsx';
import { adminQuery } from './queries.ts';

const requirements = [
  { id: 'optional', text: 'Optional' },
  { id: 'admins', text: 'Required for administrators' },
  { id: 'everybody', text: 'Required for everybody' },
];
const stepUps = [
  { id: 'off', text: 'Never' },
  { id: 'enrolled', text: 'From users who have a passkey' },
  { id: 'required', text: 'Always' },
];
const reasons: Record<string, string> = {
  'no-site': 'The server’s address can’t have passkeys',
  malformed: 'Unreadable answer',
  challenge: 'Challenge unknown, used or expired',
  'other-session': 'Challenge of another session',
  'other-act': 'Confirmed something else',
  'unknown-passkey': 'Unknown or removed passkey',
  'other-user': 'Passkey of another user',
  'wrong-origin': 'Answer from another address',
  'no-user-verification': 'Device did not verify the user',
  signature: 'Wrong signature',
  provider: 'The user signs in at the identity provider',
  counter: 'Counter went backwards: maybe a copy',
};

/** The rules of passkeys, the users' passkeys, and refused ones. */
export function PasskeysPage() {
  const me = useMe();
  const query = useQuery(adminQuery<PasskeyAdmin>('/admin/passkeys'));
  const [reset, setReset] = useState<string>();
  return (
    <>
      <AdminHeader title="Passkeys">Second factor at the sign-in, and confirmation of critical approvals.</AdminHeader>
      <Loaded query={query}>
        {({ rules, problem, users, refusals }) => (
          <>
            {problem !== null && <Notice tone="info">{problem}</Notice>}
            <RulesForm key={JSON.stringify(rules)} rules={rules} mayChange={me.may('admin')} />
            <h2>Users</h2>
            <AdminTable label="Passkeys of users" columns={['Name', 'Roles', 'Passkeys', 'Last used', 'Actions']}>
              {users.map(({ name, roles, passkeys, lastUsedAt }) => (
                <tr key={name}>
                  <th scope="row">
                    {name}
                    {name === me.name && <span className="quiet-text"> (you)</span>}
                  </th>
                  <td>{roles.join(', ')}</td>
                  <td className="table-number">{passkeys}</td>
                  <td>
                    <LastTime at={lastUsedAt} />
                  </td>
                  <td className="table-actions">
                    {me.may('admin') && name !== me.name && passkeys > 0 && (
                      <Button size="small" look="reject" onPress={() => setReset(name)} aria-label={`Reset ${name}`}>
                        Reset…
                      </Button>
                    )}
                  </td>
                </tr>
              ))}
            </AdminTable>
            <h2>Refused passkeys</h2>
            {refusals.length === 0 ? (
              <p className="quiet-text">None.</p>
            ) : (
              <AdminTable label="Refused passkeys" columns={['Time', 'User', 'For', 'Reason', 'Passkey']}>
                {refusals.map(({ at, user, purpose, reason, passkey }, index) => (
                  <tr key={`${at} ${index}`}>
                    <td className="no-wrap">{exactTime(at)}</td>
                    <th scope="row">
                      <LiteralText>{user}</LiteralText>
                    </th>
                    <td>{purpose}</td>
                    <td>{reasons[reason] ?? reason}</td>
                    <td className="table-id">{passkey !== null && <LiteralText>{passkey}</LiteralText>}</td>
                  </tr>
                ))}
              </AdminTable>
            )}
          </>
        )}
      </Loaded>
      {reset !== undefined && (
        <ChangeDialog
          title={`Reset passkeys of ${reset}`}
          verb="Reset"
          look="refuse"
          change={() =>
            withProof(() =>
              request<(typeof passkeysResetSchema)['_output']>(
                'DELETE',
                `/users/${encodeURIComponent(reset)}/passkeys`,
              ),
            )
          }
          onDone={() => setReset(undefined)}
          onClose={() => setReset(undefined)}
        >
          <p>
            All passkeys of <strong>{reset}</strong> are removed and the sessions end. The password alone signs in then,
            or adds a new passkey where one is required. Be sure that {reset} asked for it.
          </p>
        </ChangeDialog>
      )}
    </>
  );
}

function RulesForm({ rules, mayChange }: { rules: PasskeyRules; mayChange: boolean }) {
  const client = useQueryClient();
  const [chosen, setChosen] = useState(rules);
  const save = useMutation({
    mutationFn: () => withProof(() => request<PasskeyRules>('PUT', '/admin/passkeys', chosen)),
    onSuccess: () => client.invalidateQueries({ queryKey: ['admin'] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const isChanged = chosen.required !== rules.required || chosen.stepUp !== rules.stepUp;
  return (
    <form className="change-form" onSubmit={submit}>
      <NoticePlace>
        {save.error !== null && (
          <Notice tone="bad">
            {problemText(save.error)} {save.error instanceof PasskeyProblem && 'Try again.'}
          </Notice>
        )}
      </NoticePlace>
      <div className="two-columns">
        <Choice
          label="Passkey at the sign-in"
          value={chosen.required}
          entries={requirements}
          onChange={(required) => setChosen({ ...chosen, required: required as PasskeyRules['required'] })}
        />
        <Choice
          label="Passkey to approve critical requests"
          value={chosen.stepUp}
          entries={stepUps}
          onChange={(stepUp) => setChosen({ ...chosen, stepUp: stepUp as PasskeyRules['stepUp'] })}
        />
      </div>
      {mayChange && (
        <div className="dialog-actions">
          <Button type="submit" look="primary" isDisabled={!isChanged} isPending={save.isPending}>
            Save rules
          </Button>
        </div>
      )}
    </form>
  );
}

/** Runs a change. Where the sign-in is too old it asks for a passkey first. */
async function withProof<Answer>(change: () => Promise<Answer>): Promise<Answer> {
  const own = await request<{ fresh: boolean; passkeys: unknown[] }>('GET', '/passkeys');
  if (!own.fresh && own.passkeys.length > 0) await provePasskey();
  return change();
}
