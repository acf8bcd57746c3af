import type { Payload } from './payload.ts';

/**
 * What becomes of approvals that are open when a message comes. `queue`: they stay open, and the message goes to the
 * model with the next turn. `supersede`: they are withdrawn, so that the next turn comes now.
 */
export const whenWaitings = ['queue', 'supersede'] as const;
export type WhenWaiting = (typeof whenWaitings)[number];

/**
 * What the Signal `message` brings: something that the user says to an open run. `id` makes it one message however often
 * it comes; `digest` tells two messages under one id apart.
 */
export type UserMessage = { id: string; digest: string; text: Payload; whenWaiting: WhenWaiting };

/** What the Query `messages` answers for an id: how many messages wait, and the digest of the one that came under it, if one did. */
export type MessagesView = { waiting: number; known: string | null };

/** Callers are refused from this many waiting messages on, unless theirs supersedes what the run waits for. A run keeps twice as many. */
export const mostWaitingMessages = 50;
/** A message above this many bytes of JSON is kept in the database: up to a hundred of them stand in a run's state. */
export const largestInlineMessageBytes = 4 * 1024;
/** Of messages beyond these the ids are forgotten, oldest first: one that comes again then is a new one. */
export const rememberedMessages = 500;
