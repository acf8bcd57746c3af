import { ArrowRightIcon } from '@heroicons/react/16/solid';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { Comment } from '../../src/contract/desk.ts';
import type { ReviewerApproval } from '../../src/contract/reviewer-api.ts';
import { approvalQuery } from '../api/queries.ts';
import { problemText, request } from '../api/request.ts';
import { useMe } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { Field, type FieldProps } from '../ui/field.tsx';
import { LongText } from '../ui/long-text.tsx';
import { LiteralText } from '../ui/literal-text.tsx';
import { Notice } from '../ui/notice.tsx';
import { exactTime, TimeAgo } from '../ui/time.tsx';
import { HandOverDialog } from './hand-over-dialog.tsx';
import { Section } from './section.tsx';

/** The comments of reviewers, a field for one more, and handing over. */
export function Comments({ approval: { id, status, comments } }: { approval: ReviewerApproval }) {
  const me = useMe();
  const [isHandingOver, setHandingOver] = useState(false);
  const mayWrite = me.may('reviewer') || me.may('admin');
  if (comments.length === 0 && !mayWrite) return null;
  return (
    <Section
      title="Comments"
      tools={
        mayWrite &&
        status === 'PENDING' && (
          <Button size="small" icon={<ArrowRightIcon aria-hidden="true" />} onPress={() => setHandingOver(true)}>
            Hand over…
          </Button>
        )
      }
    >
      {comments.length > 0 && (
        <ol className="comments">
          {comments.map(({ number, by, text, at }) => (
            <li key={number}>
              <p className="quiet-text" title={exactTime(at)}>
                <strong>
                  <LiteralText>{by}</LiteralText>
                </strong>{' '}
                <TimeAgo at={at} />
              </p>
              <div className="comment-text">
                <LongText>{text}</LongText>
              </div>
            </li>
          ))}
        </ol>
      )}
      {mayWrite && <NewComment id={id} />}
      {isHandingOver && <HandOverDialog id={id} onClose={() => setHandingOver(false)} />}
    </Section>
  );
}

function NewComment({ id }: { id: string }) {
  const client = useQueryClient();
  const [text, setText] = useState('');
  // A ref, since a state would be one render late for a quick second press.
  const isUnderWay = useRef(false);
  const add = useMutation({
    mutationFn: () => request<Comment>('POST', `/approvals/${encodeURIComponent(id)}/comments`, { text }),
    onSuccess: () => {
      setText('');
      return client.invalidateQueries({ queryKey: approvalQuery(id).queryKey });
    },
    onSettled: () => {
      isUnderWay.current = false;
    },
  });
  const send = () => {
    if (isUnderWay.current || text.trim() === '') return;
    isUnderWay.current = true;
    add.mutate();
  };
  const onKey: FieldProps['onKeyDown'] = (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return event.continuePropagation();
    event.preventDefault();
    if (!event.repeat) send();
  };
  return (
    <div className="new-comment">
      <Field
        label="Comment for other reviewers"
        description="The assistant and the requester do not see it. It can’t be changed or removed later."
        rows={1}
        maxLength={2000}
        value={text}
        onChange={setText}
        onKeyDown={onKey}
      />
      <Button isDisabled={text.trim() === ''} isPending={add.isPending} onPress={send}>
        Add comment
      </Button>
      {add.error !== null && !add.isPending && <Notice tone="bad">{problemText(add.error)} Your text is kept.</Notice>}
    </div>
  );
}
