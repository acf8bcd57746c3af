import { latestUserText } from '../item.ts';
import { finalAnswer } from './narrate.ts';
import { sampleValue } from './sample-value.ts';
import type { ScriptFunction } from './script.ts';

/** Answers everything that no other script has a word for; says how to have a tool called. */
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
