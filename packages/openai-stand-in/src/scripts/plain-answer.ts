import { latestUserText } from '../item.ts';
import { finalAnswer } from './narrate.ts';
import { sampleValue } from './sample-value.ts';
import type { ScriptFunction } from './script.ts';

/** Answers if no other script does, and explains how to request a tool call. */
export const plainAnswer: ScriptFunction = {
  name: 'plain answer',
  reply({ items, tools, outputSchema }) {
    if (outputSchema !== null) return { text: JSON.stringify(sampleValue(outputSchema, outputSchema)) };
    const text = latestUserText(items);
    const names = tools.map(({ name }) => name);
    return {
      text: finalAnswer([
        text === '' ? 'There is no message to answer.' : `You wrote: ${text.slice(0, 500)}`,
        ...(names.length > 0
          ? [`I have the tools ${names.join(', ')}. Write: call ${names[0]} {"argument": "value"}`]
          : []),
      ]),
    };
  },
};
