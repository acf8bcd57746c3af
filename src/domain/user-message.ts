import type { Payload } from './payload.ts';

/**
 * The effect of a message on open approvals. `queue`: they stay open, and the message goes to the model with the next
 * turn. `supersede`: they are withdrawn, so that the next turn starts now.
 */
export const whenWaitings = ['queue', 'supersede'] as const;
export type WhenWaiting = (typeof whenWaitings)[number];

/**
 * The argument of the Signal `message`: a message of the user to an open run. Repeats with the same `id` are ignored.
 * `digest` tells two messages under one id apart.
 */
export type UserMessage = { id: string; digest: string; text: Payload; whenWaiting: WhenWaiting };

/**
 * The answer of the Query `messages` for an id: the number of queued messages, and the digest of the message with that
 * id.
 */
export type MessagesView = { waiting: number; known: string | null };

/**
 * With this many queued messages, further ones are refused unless they supersede. A run keeps at most twice as many.
 */
export const mostWaitingMessages = 50;
/** Bytes of JSON above which a message is stored in the database: a run's state holds up to a hundred messages. */
export const largestInlineMessageBytes = 4 * 1024;
/** Message ids that a run remembers. A repeat of an older message counts as new. */
export const rememberedMessages = 500;
