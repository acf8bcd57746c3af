import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Assigned, Assignees } from '../../src/contract/desk.ts';
import { approvalQuery } from '../api/queries.ts';
import { problemText, request } from '../api/request.ts';
import { useMe } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Choice, Field } from '../ui/field.tsx';
import { Notice } from '../ui/notice.tsx';

/** Hands a request over to a person or a group, with a comment. */
export function HandOverDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const me = useMe();
  const client = useQueryClient();
  const path = `/approvals/${encodeURIComponent(id)}`;
  const assignees = useQuery({
    queryKey: ['assignees', id],
    queryFn: () => request<Assignees>('GET', `${path}/assignees`),
    staleTime: 0,
  });
  const [to, setTo] = useState<string>();
  const [comment, setComment] = useState('');
  const assign = useMutation({
    mutationFn: (target: string) => {
      const [kind, name] = [target.slice(0, target.indexOf(':')), target.slice(target.indexOf(':') + 1)];
      return request<Assigned>('PUT', `${path}/assignment`, {
        to: { [kind]: name },
        comment: comment.trim() === '' ? null : comment,
      });
    },
    onSuccess: async () => {
      onClose();
      void client.invalidateQueries({ queryKey: ['approvals'] });
      await client.invalidateQueries({ queryKey: approvalQuery(id).queryKey });
    },
  });
  const { users = [], groups = [] } = assignees.data ?? {};
  const entries = [
    ...users.filter((name) => name !== me.name).map((name) => ({ id: `user:${name}`, text: name })),
    ...groups.map((name) => ({ id: `group:${name}`, text: `Group ${name}` })),
  ];
  return (
    <Dialog title="Hand over" isOpen onClose={onClose} isBusy={assign.isPending}>
      {assignees.error !== null && <Notice tone="bad">{problemText(assignees.error)}</Notice>}
      {assignees.data !== undefined && entries.length === 0 ? (
        <p>No other person may decide this request.</p>
      ) : (
        <>
          <Choice label="To" any="Choose a person or group" value={to} entries={entries} onChange={setTo} />
          <Field label="Comment" rows={2} maxLength={2000} value={comment} onChange={setComment} />
          <p className="quiet-text">The list has those who may decide this request. Others may still decide it.</p>
        </>
      )}
      {assign.error !== null && !assign.isPending && <Notice tone="bad">{problemText(assign.error)}</Notice>}
      <div className="dialog-actions">
        <Button onPress={onClose} isDisabled={assign.isPending}>
          Cancel
        </Button>
        <Button
          look="primary"
          isDisabled={to === undefined && !assign.isPending}
          isPending={assign.isPending}
          onPress={() => to !== undefined && assign.mutate(to)}
        >
          Hand over
        </Button>
      </div>
    </Dialog>
  );
}
