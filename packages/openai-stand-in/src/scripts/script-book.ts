import { latestUserText } from '../item.ts';
import { callsInWords } from './asked-calls.ts';
import { emailBlast } from './email-blast.ts';
import { ownTools } from './own-tools.ts';
import { plainAnswer } from './plain-answer.ts';
import type { Reply, Script, ScriptFunction, ScriptInput } from './script.ts';
import { toScriptFunction } from './scripted-steps.ts';

/** Calls spelled out in the text win over the guide's scenario, which its words alone start. */
const spelledOut: ScriptFunction = {
  name: 'calls spelled out',
  reply: (input) =>
    callsInWords(latestUserText(input.items), input.tools).length > 0 ? ownTools.reply(input) : undefined,
};

const BUILT_IN: readonly ScriptFunction[] = [spelledOut, emailBlast, ownTools, plainAnswer];

/** The scripts in force: those added later, the newest first, then those given at the start in their order, then the built-in ones. */
export class ScriptBook {
  #given: ScriptFunction[] = [];

  constructor(scripts: readonly Script[] = []) {
    for (const script of scripts.toReversed()) this.add(script);
  }

  /** Puts a script before all others. Throws zod's error when steps are malformed. */
  add(script: Script): void {
    this.#given.unshift(toScriptFunction(script));
  }

  /** Takes away every given script; the built-in ones stay. */
  clear(): void {
    this.#given = [];
  }

  /** What the model says next. */
  reply(input: ScriptInput): Reply {
    for (const script of [...this.#given, ...BUILT_IN]) {
      const reply = script.reply(input);
      if (reply !== undefined) return reply;
    }
    return {};
  }
}
