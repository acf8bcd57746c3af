import { latestUserText } from '../item.ts';
import type { ScriptFunction } from './script.ts';

const askedPart = /^Not decided yet: a reviewer asks .*^Question: (".*")$/ms;

/** Answers a reviewer's question on an open call with what the user wrote. */
export const reviewerQuestion: ScriptFunction = {
  name: 'reviewer question',
  reply({ items, toolChoice }) {
    if (toolChoice !== 'none') return undefined;
    const asked = items
      .slice(-20)
      .flatMap((item) => askedPart.exec(typeof item['output'] === 'string' ? item['output'] : '')?.[1] ?? [])
      .at(-1);
    if (asked === undefined) return undefined;
    return { text: `You ask ${asked}. The user wrote: ${latestUserText(items)}` };
  },
};
