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
import { toLimitedPayload, type LargeValues } from './large-values.ts';

/** Events at the end of a history that are searched for messages which no worker has seen. */
const searchedEvents = 200;

/** Whoever serves the Task Queue answers, so nothing is sure about the form. */
const messagesView: z.ZodType<MessagesView | null> = z
  .object({ waiting: z.number(), known: z.string().nullable() })
  .nullable();

export type Messages = {
  /** What the run knows of this message, and how many it keeps; undefined where no worker answers as Holdpoint's does, null where it takes none. */
  view(runId: string, messageId: string): Promise<MessagesView | null | undefined>;
  /** How many messages no worker has seen yet. */
  unseen(runId: string): Promise<number>;
  signal(runId: string, message: UserMessage): Promise<void>;
};

/**
 * Says something to an open run, once. It is looked at first how many messages wait there, and afterwards whether it was
 * kept: of many that come at the same time a run keeps only so many.
 */
export async function sendMessage(
  messages: Messages,
  values: LargeValues | undefined,
  runId: string,
  { id, digest, text, whenWaiting }: NewMessage,
): Promise<'sent' | 'exists' | 'taken' | 'too-many' | 'too-large' | 'not-found'> {
  const before = await messages.view(runId, id);
  if (before === null) return 'not-found';
  if (before && before.known !== null) return before.known === digest ? 'exists' : 'taken';
  // The one that lets the run go on must get through to it.
  const most = whenWaiting === 'supersede' ? 2 * mostWaitingMessages : mostWaitingMessages;
  if ((before ? before.waiting : await messages.unseen(runId)) >= most) return 'too-many';
  const payload = await toLimitedPayload(text, values, largestInlineMessageBytes);
  if (!payload) return 'too-large';
  await messages.signal(runId, { id, digest, text: payload, whenWaiting });
  const after = before && (await messages.view(runId, id));
  return after?.known === null ? 'too-many' : 'sent';
}

/** The messages of runs in Temporal. */
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
