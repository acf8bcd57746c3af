import { latestUserText } from '../item.ts';
import { callsInWords } from './asked-calls.ts';
import { emailBlast } from './email-blast.ts';
import { ownTools } from './own-tools.ts';
import { plainAnswer } from './plain-answer.ts';
import { reviewerQuestion } from './reviewer-question.ts';
import type { Reply, Script, ScriptFunction, ScriptInput } from './script.ts';
import { toScriptFunction } from './scripted-steps.ts';

/** Calls written in the text come before the guide's scenario. */
const spelledOut: ScriptFunction = {
  name: 'calls spelled out',
  reply: (input) =>
    callsInWords(latestUserText(input.items), input.tools).length > 0 ? ownTools.reply(input) : undefined,
};

const builtInScripts: readonly ScriptFunction[] = [reviewerQuestion, spelledOut, emailBlast, ownTools, plainAnswer];

/** The active scripts in order: those added later (newest first), those given at the start, the built-in ones. */
export class ScriptBook {
  #given: ScriptFunction[] = [];

  constructor(scripts: readonly Script[] = []) {
    for (const script of scripts.toReversed()) this.add(script);
  }

  /** Adds a script before all others. @throws ZodError for malformed steps. */
  add(script: Script): void {
    this.#given.unshift(toScriptFunction(script));
  }

  /** Removes all added scripts. The built-in ones stay. */
  clear(): void {
    this.#given = [];
  }

  /** The model's next reply. */
  reply(input: ScriptInput): Reply {
    for (const script of [...this.#given, ...builtInScripts]) {
      const reply = script.reply(input);
      if (reply !== undefined) return reply;
    }
    return {};
  }
}
