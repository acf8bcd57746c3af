import type { JsonObject } from '@holdpoint/json';
import { sameJson } from '@holdpoint/json/canonical';
import { isRiskier } from '../domain/approval.ts';
import type { Tool } from '../assistant/tool.ts';
import { checkArguments, checkExactArguments } from './arguments.ts';
import type { Verdict } from './read-decision.ts';
import type { Policy } from './review-policy.ts';

/** What an approval lets happen today. */
export type Judgement =
  | { type: 'act'; args: JsonObject }
  /** It has to be asked again, with these arguments. */
  | { type: 'review'; args: JsonObject; because: string }
  | { type: 'bad-arguments'; path: string; message: string };

/**
 * Holds an approval against the tool as it is now. What runs is what was approved: the request's own arguments, or the
 * reviewer's edit of them, whole and fit for the tool. Anything doubtful goes back to a person.
 */
export async function judgeApproval(
  tool: Tool,
  policy: Policy,
  approval: Extract<Verdict, { type: 'approved' }>,
): Promise<Judgement> {
  const { envelope, args: original, modified } = approval;
  const edited = modified !== null && !sameJson(modified, original);
  const wanted = edited ? (tool.edits === 'merge' ? { ...original, ...modified } : modified) : original;

  if (edited) {
    const missing = Object.keys(original).filter((key) => !(key in wanted));
    const checked = await checkExactArguments(tool, wanted);
    if (!checked.ok)
      return {
        type: 'review',
        args: original,
        because: `The edit does not fit the tool: ${checked.path}: ${checked.message}.`,
      };
    if (missing.length > 0) {
      return {
        type: 'review',
        args: wanted,
        because: `The edit left out ${missing.join(', ')}. An edit replaces all arguments.`,
      };
    }
  }
  const checked = await checkArguments(tool, wanted);
  if (!checked.ok) return { type: 'bad-arguments', path: checked.path, message: checked.message };
  if (envelope.definition !== tool.definition) {
    return { type: 'review', args: checked.args, because: 'The tool was changed after this was approved.' };
  }
  if (edited && isRiskier(policy.risk(checked.args), envelope.risk)) {
    return {
      type: 'review',
      args: checked.args,
      because: `The edit raises the risk from ${envelope.risk} to ${policy.risk(checked.args)}.`,
    };
  }
  return { type: 'act', args: checked.args };
}
