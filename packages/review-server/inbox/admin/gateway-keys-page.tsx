import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type {
  GatewayCaller,
  gatewayCallerListSchema,
  GatewayKey,
  NewGatewayKey,
} from '../../src/contract/gateway-keys.ts';
import { request } from '../api/request.ts';
import { useMe } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { LiteralText } from '../ui/literal-text.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Notice } from '../ui/notice.tsx';
import { exactTime, LastTime, TimeAgo } from '../ui/time.tsx';
import { AdminHeader } from './admin-page.tsx';
import { AdminTable } from './admin-table.tsx';
import { ChangeDialog } from './change-dialog.tsx';
import { CreateGatewayCaller } from './create-gateway-caller.tsx';
import { adminQuery } from './queries.ts';
import { RotateKeyDialog } from './rotate-key-dialog.tsx';
import { SecretShownOnce } from './secret-shown-once.tsx';

type Doing = { what: 'create' } | { what: 'rotate' | 'revoke'; caller: GatewayCaller; key: GatewayKey | undefined };

/** The callers of the gateway, and the API keys by which they start and read runs. */
export function GatewayKeysPage() {
  const me = useMe();
  const callers = useQuery(adminQuery<(typeof gatewayCallerListSchema)['_output']>('/gateway-keys'));
  const [doing, setDoing] = useState<Doing>();
  const [made, setMade] = useState<NewGatewayKey>();
  const end = () => setDoing(undefined);
  const show = (key: NewGatewayKey) => {
    end();
    setMade(key);
  };
  const mayChange = me.may('admin') && callers.data?.isSetUp === true;
  return (
    <>
      <AdminHeader
        title="API keys"
        actions={
          mayChange && (
            <Button look="primary" onPress={() => setDoing({ what: 'create' })}>
              Create API key
            </Button>
          )
        }
      >
        Programs start and read runs at the gateway with these keys. No key decides on approvals.
      </AdminHeader>
      <Loaded query={callers}>
        {({ isSetUp, callers: list }) =>
          isSetUp ? (
            <Callers callers={list} mayChange={mayChange} onDo={setDoing} />
          ) : (
            <Notice tone="info">
              This server does not know the gateway. Set HOLDPOINT_REVIEW_GATEWAY_URL and HOLDPOINT_REVIEW_GATEWAY_KEY,
              or use the command holdpoint api-keys.
            </Notice>
          )
        }
      </Loaded>
      {doing?.what === 'create' && <CreateGatewayCaller onClose={end} onMade={show} />}
      {doing?.what === 'rotate' && (
        <RotateKeyDialog
          title="Rotate API key"
          rotate={(overlapSeconds) =>
            request<NewGatewayKey>('POST', `/gateway-keys/${encodeURIComponent(doing.caller.name)}/rotate`, {
              overlapSeconds,
              ...(doing.key !== undefined && { key: doing.key.id }),
            })
          }
          onClose={end}
          onMade={show}
        >
          A new key for <strong>{doing.caller.name}</strong>
          {doing.key !== undefined && (
            <>
              {' '}
              replaces <code>{doing.key.masked}</code>
            </>
          )}
          .
        </RotateKeyDialog>
      )}
      {doing?.what === 'revoke' && (
        <ChangeDialog
          title="Revoke API keys"
          verb="Revoke"
          look="refuse"
          change={() => request('POST', `/gateway-keys/${encodeURIComponent(doing.caller.name)}/revoke`, {})}
          onDone={end}
          onClose={end}
        >
          <p>
            All keys of <strong>{doing.caller.name}</strong> stop working within 2 seconds, and the name is not given
            again. You can’t undo this. Its runs go on.
          </p>
        </ChangeDialog>
      )}
      {made !== undefined && (
        <SecretShownOnce
          title={`API key of ${made.caller.name}`}
          secret={made.secret}
          onClose={() => setMade(undefined)}
        />
      )}
    </>
  );
}

function Callers({
  callers,
  mayChange,
  onDo,
}: {
  callers: GatewayCaller[];
  mayChange: boolean;
  onDo: (doing: Doing) => void;
}) {
  if (callers.length === 0) return <p className="list-state">No API keys beside HOLDPOINT_API_KEY.</p>;
  return (
    <AdminTable
      label="API keys"
      columns={['Caller', 'Permissions', 'Keys', 'Created', 'Last used', mayChange && 'Actions']}
    >
      {callers.map((caller) => {
        const accepted = caller.keys.filter(({ state }) => state !== 'ended');
        const active = accepted.find(({ state }) => state === 'active');
        return (
          <tr key={caller.name}>
            <th scope="row">{caller.name}</th>
            <td>
              <LiteralText>{scopesText(caller.scopes)}</LiteralText>
            </td>
            <td>
              {accepted.map((key) => (
                <div key={key.id}>
                  <code>{key.masked}</code> <KeyState apiKey={key} />
                </div>
              ))}
              {accepted.length === 0 && (
                <span className="state" data-state="off">
                  {caller.removedAt === null ? 'No key' : 'Revoked'}
                </span>
              )}
            </td>
            <td>
              <TimeAgo at={caller.createdAt} /> by <LiteralText>{caller.createdBy}</LiteralText>
            </td>
            <td>
              <LastTime at={lastUse(caller.keys)} />
            </td>
            {mayChange && (
              <td className="table-actions">
                {caller.removedAt === null && (
                  <>
                    <Button
                      size="small"
                      onPress={() => onDo({ what: 'rotate', caller, key: active })}
                      aria-label={`Rotate key of ${caller.name}`}
                    >
                      Rotate…
                    </Button>
                    <Button
                      size="small"
                      look="reject"
                      onPress={() => onDo({ what: 'revoke', caller, key: active })}
                      aria-label={`Revoke keys of ${caller.name}`}
                    >
                      Revoke…
                    </Button>
                  </>
                )}
              </td>
            )}
          </tr>
        );
      })}
    </AdminTable>
  );
}

function KeyState({ apiKey: { state, expiresAt } }: { apiKey: GatewayKey }) {
  return (
    <span className="state" data-state={state === 'active' ? 'good' : 'warn'}>
      {state === 'active' || expiresAt === null ? 'Active' : `Expires ${exactTime(expiresAt)}`}
    </span>
  );
}

/** The newest use of a caller's keys, by the hour. Null without one. */
function lastUse(keys: GatewayKey[]): string | null {
  return (
    keys
      .flatMap(({ lastUsedAt }) => lastUsedAt ?? [])
      .toSorted()
      .at(-1) ?? null
  );
}

function scopesText({ start, read, control, ask, decode, admin }: GatewayCaller['scopes']): string {
  return [
    `Start ${start === 'all' ? 'all assistants' : start.join(', ') || 'nothing'}`,
    `read ${read}`,
    `control ${control}`,
    ...(ask ? ['ask for approvals'] : []),
    ...(decode ? ['decode values'] : []),
    ...(admin ? ['manage API keys'] : []),
  ].join('; ');
}
