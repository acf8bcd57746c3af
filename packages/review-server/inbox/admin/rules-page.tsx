import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ChangeRule, Rule, ruleListSchema } from '../../src/contract/review-admin.ts';
import { problemText, request } from '../api/request.ts';
import { useMe } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { LiteralText } from '../ui/literal-text.tsx';
import { Notice } from '../ui/notice.tsx';
import { Switch } from '../ui/switch.tsx';
import { TimeAgo } from '../ui/time.tsx';
import { AdminHeader } from './admin-page.tsx';
import { ChangeDialog } from './change-dialog.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { adminQuery } from './queries.ts';
import { conditionText } from './rule-conditions.ts';
import { RuleDialog } from './rule-dialog.tsx';
import { stagesText } from './rule-stages.tsx';
import { EditAndRemove } from './row-actions.tsx';

export const decisionWords = { approve: 'approve', reject: 'reject', review: 'send to review' } as const;

/** The rules in their order. */
export function RulesPage() {
  const me = useMe();
  const client = useQueryClient();
  const rules = useQuery(adminQuery<(typeof ruleListSchema)['_output']>('/rules'));
  const [edited, setEdited] = useState<Rule | 'new'>();
  const [removed, setRemoved] = useState<Rule>();
  const change = useMutation({
    mutationFn: ({ id, ...body }: ChangeRule & { id: string }) =>
      request('PATCH', `/rules/${encodeURIComponent(id)}`, body),
    onSettled: () => client.invalidateQueries({ queryKey: ['admin'] }),
  });
  const mayChange = me.may('admin');
  return (
    <>
      <AdminHeader
        title="Rules"
        actions={
          mayChange && (
            <Button look="primary" onPress={() => setEdited('new')}>
              New rule
            </Button>
          )
        }
      >
        The first enabled rule that matches a new request decides it. All other requests go to a reviewer.
      </AdminHeader>
      {change.error !== null && <Notice tone="bad">{problemText(change.error)}</Notice>}
      <Loaded query={rules}>
        {({ rules: list }) =>
          list.length === 0 ? (
            <p className="list-state">No rules. All requests go to a reviewer.</p>
          ) : (
            <ol className="rules">
              {list.map((rule) => (
                <li key={rule.id} tabIndex={-1} className="section rule" data-on={rule.enabled}>
                  <div>
                    <h2>
                      {rule.position}. <LiteralText>{rule.name}</LiteralText>
                    </h2>
                    <p>
                      {rule.conditions.length === 0 ? (
                        'All requests'
                      ) : (
                        <>
                          If{' '}
                          {rule.conditions.map((condition, index) => (
                            <span key={index}>
                              {index > 0 && ' and '}
                              <code>
                                <LiteralText>{conditionText(condition)}</LiteralText>
                              </code>
                            </span>
                          ))}
                        </>
                      )}
                      : <strong data-decision={rule.decision}>{decisionWords[rule.decision]}</strong>
                      {rule.by !== null && (
                        <>
                          {' '}
                          by <LiteralText>{stagesText(rule.by)}</LiteralText>
                        </>
                      )}
                    </p>
                    <p className="quiet-text">
                      Edited by {rule.updatedBy}, <TimeAgo at={rule.updatedAt} />
                    </p>
                  </div>
                  {mayChange ? (
                    <div className="rule-tools">
                      <Switch isSelected={rule.enabled} onChange={(enabled) => change.mutate({ id: rule.id, enabled })}>
                        {rule.enabled ? 'On' : 'Off'}
                        <span className="visually-hidden">: {rule.name}</span>
                      </Switch>
                      <Button
                        size="small"
                        isDisabled={rule.position === 1}
                        onPress={() => change.mutate({ id: rule.id, position: rule.position - 1 })}
                        aria-label={`Move ${rule.name} up`}
                      >
                        Up
                      </Button>
                      <Button
                        size="small"
                        isDisabled={rule.position === list.length}
                        onPress={() => change.mutate({ id: rule.id, position: rule.position + 1 })}
                        aria-label={`Move ${rule.name} down`}
                      >
                        Down
                      </Button>
                      <EditAndRemove
                        name={rule.name}
                        onEdit={() => setEdited(rule)}
                        onRemove={() => setRemoved(rule)}
                      />
                    </div>
                  ) : (
                    <span className="state" data-state={rule.enabled ? 'good' : 'off'}>
                      {rule.enabled ? 'On' : 'Off'}
                    </span>
                  )}
                </li>
              ))}
            </ol>
          )
        }
      </Loaded>
      {edited !== undefined && (
        <RuleDialog rule={edited === 'new' ? undefined : edited} onClose={() => setEdited(undefined)} />
      )}
      {removed !== undefined && (
        <ChangeDialog
          title="Remove rule"
          verb="Remove"
          look="refuse"
          change={() => request('DELETE', `/rules/${encodeURIComponent(removed.id)}`)}
          onDone={() => setRemoved(undefined)}
          onClose={() => setRemoved(undefined)}
        >
          <p>
            “<LiteralText>{removed.name}</LiteralText>” no longer decides requests. Past decisions are kept.
          </p>
        </ChangeDialog>
      )}
    </>
  );
}
