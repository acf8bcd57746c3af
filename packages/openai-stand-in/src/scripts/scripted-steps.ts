import { latestUserText, turnsSinceUser, userTexts } from '../item.ts';
import { scriptedStepsSchema, type Reply, type Script, type ScriptFunction } from './script.ts';

/** Makes a script of steps. @throws ZodError for malformed steps. */
function scriptFromSteps(steps: unknown): ScriptFunction {
  const { name = 'steps', when = '', whenIn, steps: replies, progress } = scriptedStepsSchema.parse(steps);
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

/** Converts a script in either form to code. */
export function toScriptFunction(script: Script): ScriptFunction {
  return 'reply' in script ? script : scriptFromSteps(script);
}
