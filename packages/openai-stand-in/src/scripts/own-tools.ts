import { latestUserText, turnsSinceUser } from '../item.ts';
import { askedCalls, type AskedCall } from './asked-calls.ts';
import { answeredCalls, finalAnswer, narrate } from './narrate.ts';
import { sampleArguments } from './sample-value.ts';
import type { ScriptFunction, ScriptInput } from './script.ts';

/** The call that `tool_choice` forces if the text asks for none. */
function forcedCalls({ tools, toolChoice }: ScriptInput): readonly AskedCall[] {
  if (toolChoice === 'auto' || toolChoice === 'none') return [];
  const tool = toolChoice === 'required' ? tools[0] : tools.find(({ name }) => name === toolChoice.name);
  return tool === undefined ? [] : [{ name: tool.name, arguments: sampleArguments(tool.parameters) }];
}

/** Makes the calls that the user's text asks for, turn by turn, then describes their outcomes. */
export const ownTools: ScriptFunction = {
  name: 'own tools',
  reply(input) {
    const { items, tools, toolChoice, parallelToolCalls } = input;
    const turns = askedCalls(latestUserText(items), tools);
    const oneByOne = parallelToolCalls ? turns : turns.flat().map((call) => [call]);
    const calls = toolChoice === 'none' ? [] : (oneByOne[turnsSinceUser(items)] ?? forcedCalls(input));
    if (calls.length > 0) return { reasoning: '', calls: [...calls] };
    const answered = answeredCalls(items);
    return answered.length > 0 ? { text: finalAnswer(answered.map((call) => narrate(call))) } : undefined;
  },
};
