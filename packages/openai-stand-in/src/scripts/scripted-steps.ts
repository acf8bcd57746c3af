import { latestUserText, turnsSinceUser, userTexts } from '../item.ts';
import { ScriptedStepsSchema, type Reply, type Script, type ScriptFunction } from './script.ts';

/** Turns steps written as data into a script. Throws zod's error when they are malformed. */
function scriptFromSteps(steps: unknown): ScriptFunction {
  const { name = 'steps', when = '', whenIn, steps: replies, progress } = ScriptedStepsSchema.parse(steps);
  let taken = 0;
  return {
    name,
    reply({ items }): Reply | undefined {
      const texts = whenIn === 'any' ? userTexts(items) : [latestUserText(items)];
      if (!texts.some((text) => text.toLowerCase().includes(when.toLowerCase()))) return undefined;
      if (progress === 'conversation') return replies[turnsSinceUser(items)];
      const reply = replies[taken];
      taken += 1;
      return reply;
    },
  };
}

/** A script in either form, as code. */
export function toScriptFunction(script: Script): ScriptFunction {
  return 'reply' in script ? script : scriptFromSteps(script);
}
