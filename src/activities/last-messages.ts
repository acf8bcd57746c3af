import { isJsonObject, type Json, type JsonObject } from '@holdpoint/json';
import type { TranscriptEntry, Transcripts } from './ports.ts';
import type { Message } from '@holdpoint/cheqpoint';

const mostMessages = 10;
const mostCharacters = 4000;
/** Transcript entries that are searched. */
const mostEntries = 25;

/**
 * The last messages of user and model, oldest first, for the reviewer. Arguments and outputs of tools are left out, since they
 * may be confidential. A long message is cut and marked.
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

/** Items of type `message` of both surfaces. Their text is `text`, `content`, or the parts of `content`. */
function toMessage(item: Json): Message[] {
  if (!isJsonObject(item) || item['type'] !== 'message' || (item['role'] !== 'user' && item['role'] !== 'assistant'))
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
    .flatMap((part) => (isJsonObject(part) && typeof part['text'] === 'string' ? [part['text']] : []))
    .join('\n');
}
