import type { Json, JsonObject } from '@holdpoint/json';
import { isObject } from './arguments.ts';
import type { TranscriptEntry, Transcripts } from './ports.ts';
import type { Message } from '@holdpoint/cheqpoint';

const mostMessages = 10;
const mostCharacters = 4000;
/** Turns without a word in them are not searched for ever. */
const mostEntries = 25;

/**
 * What the user and the model said last, oldest first, for the reviewer of our own review server. What tools were given
 * and gave back is no message: it may hold what only they should see. A long message is cut, and says so.
 */
export async function lastMessages(transcripts: Transcripts, entry: string): Promise<Message[]> {
  const messages: Message[] = [];
  let next: string | null = entry;
  for (let entries = 0; next !== null && entries < mostEntries && messages.length < mostMessages; entries += 1) {
    const read: TranscriptEntry | undefined = await transcripts.get(next);
    if (read === undefined) break;
    messages.unshift(...[...read.sent, ...read.received].flatMap(toMessage));
    next = read.parent;
  }
  return messages.slice(-mostMessages);
}

/** Both surfaces keep items of type `message`; their text is `content`, a list of parts with a text each, or `text`. */
function toMessage(item: Json): Message[] {
  if (!isObject(item) || item['type'] !== 'message' || (item['role'] !== 'user' && item['role'] !== 'assistant'))
    return [];
  const text = messageText(item).trim();
  if (text === '') return [];
  const more = text.length - mostCharacters;
  return [
    {
      role: item['role'],
      text:
        more > 0 ? `${text.slice(0, mostCharacters).toWellFormed()} … (${more} more characters)` : text.toWellFormed(),
    },
  ];
}

function messageText({ text, content }: JsonObject): string {
  if (typeof text === 'string') return text;
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .flatMap((part) => (isObject(part) && typeof part['text'] === 'string' ? [part['text']] : []))
    .join('\n');
}
