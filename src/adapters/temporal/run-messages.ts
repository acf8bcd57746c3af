import type { Client } from '@temporalio/client';
import { z } from 'zod';
import {
  largestInlineMessageBytes,
  mostWaitingMessages,
  type MessagesView,
  type UserMessage,
} from '../../domain/user-message.ts';
import { messageSignal, messagesQuery } from '../../domain/wire-names.ts';
import type { NewMessage } from '../../gateway/ports.ts';
import type { StoredValues } from '../../activities/ports.ts';
import { toLimitedPayload } from './limited-payload.ts';

/** Newest events of a history that are searched for messages no worker has handled. */
const searchedEvents = 200;

/** Any program on the Task Queue may answer, so the form is checked. */
const messagesView: z.ZodType<MessagesView | null> = z
  .object({ waiting: z.number(), known: z.string().nullable() })
  .nullable();

export type Messages = {
  /** The run's answer about a message. Undefined: no Holdpoint worker answered. Null: the run takes no messages. */
  view(runId: string, messageId: string): Promise<MessagesView | null | undefined>;
  /** Number of messages that no worker has handled. */
  unseen(runId: string): Promise<number>;
  signal(runId: string, message: UserMessage): Promise<void>;
};

/**
 * Sends a message to an open run once. Checks before the Signal how many messages wait, and after it whether the run
 * kept the message: of many sent at once, a run keeps a limited number.
 */
export async function sendMessage(
  messages: Messages,
  values: StoredValues | undefined,
  runId: string,
  { id, digest, text, whenWaiting }: NewMessage,
): Promise<'sent' | 'exists' | 'taken' | 'too-many' | 'too-large' | 'not-found'> {
  const before = await messages.view(runId, id);
  if (before === null) return 'not-found';
  if (before && before.known !== null) return before.known === digest ? 'exists' : 'taken';
  // A superseding message frees the run, so it has a higher limit.
  const most = whenWaiting === 'supersede' ? 2 * mostWaitingMessages : mostWaitingMessages;
  if ((before ? before.waiting : await messages.unseen(runId)) >= most) return 'too-many';
  const payload = await toLimitedPayload(text, { values, runId, largest: largestInlineMessageBytes });
  if (!payload) return 'too-large';
  await messages.signal(runId, { id, digest, text: payload, whenWaiting });
  const after = before && (await messages.view(runId, id));
  return after?.known === null ? 'too-many' : 'sent';
}

/** Messages of runs in Temporal. */
export function createMessages(
  client: Client,
  bounded: <T>(call: () => Promise<T>) => Promise<T>,
  queryDeadlineMs: number,
): Messages {
  return {
    async view(runId, messageId) {
      try {
        const answer = await client.withDeadline(Date.now() + queryDeadlineMs, () =>
          client.workflow.getHandle(runId).query<unknown, [string]>(messagesQuery, messageId),
        );
        return messagesView.safeParse(answer).data;
      } catch {
        return undefined;
      }
    },
    async unseen(workflowId) {
      const { history } = await bounded(() =>
        client.workflowService.getWorkflowExecutionHistoryReverse({
          namespace: client.options.namespace,
          execution: { workflowId },
          maximumPageSize: searchedEvents,
        }),
      );
      const events = history?.events ?? [];
      const seen = events.findIndex(({ workflowTaskCompletedEventAttributes: completed }) => completed);
      return events
        .slice(0, seen === -1 ? undefined : seen)
        .filter(({ workflowExecutionSignaledEventAttributes: signaled }) => signaled?.signalName === messageSignal)
        .length;
    },
    signal: (runId, message) => bounded(() => client.workflow.getHandle(runId).signal(messageSignal, message)),
  };
}
