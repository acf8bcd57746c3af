import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent, ReactNode } from 'react';
import { problemText } from '../api/request.ts';
import { Button, type OurButtonProps } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Notice } from '../ui/notice.tsx';

type ChangeDialogProps<Answer> = {
  title: string;
  size?: 'normal' | 'wide';
  /** The label of the submit button. */
  verb: string;
  look?: OurButtonProps['look'];
  /** Validates the form and shows its problems. @default () => true */
  check?: () => boolean;
  change: () => Promise<Answer>;
  onDone: (answer: Answer) => void;
  onClose: () => void;
  children: ReactNode;
};

/** A form dialog for one change. After a failure it shows the error and keeps the text. */
export function ChangeDialog<Answer>({
  title,
  size = 'normal',
  verb,
  look = 'primary',
  check = () => true,
  change,
  onDone,
  onClose,
  children,
}: ChangeDialogProps<Answer>) {
  const client = useQueryClient();
  const mutation = useMutation({
    mutationFn: change,
    onSuccess: async (answer) => {
      await client.invalidateQueries({ queryKey: ['admin'] });
      onDone(answer);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (check()) mutation.mutate();
  };
  return (
    <Dialog title={title} size={size} isOpen onClose={onClose} isBusy={mutation.isPending}>
      <form className="change-form" onSubmit={submit}>
        {children}
        {mutation.error !== null && <Notice tone="bad">{problemText(mutation.error)}</Notice>}
        <div className="dialog-actions">
          <Button onPress={onClose} isDisabled={mutation.isPending}>
            Cancel
          </Button>
          <Button type="submit" look={look} isPending={mutation.isPending}>
            {verb}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
