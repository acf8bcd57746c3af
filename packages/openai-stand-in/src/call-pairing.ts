import type { Item } from './item.ts';
import { badRequest } from './openai-error.ts';

/** Calls that the caller must answer, by type: the type of the output and the noun in OpenAI's errors. */
const answeredCallTypes: Readonly<Record<string, { readonly output: string; readonly words: string }>> = {
  function_call: { output: 'function_call_output', words: 'function call' },
  custom_tool_call: { output: 'custom_tool_call_output', words: 'custom tool call' },
  computer_call: { output: 'computer_call_output', words: 'computer call' },
  local_shell_call: { output: 'local_shell_call_output', words: 'local shell call' },
  shell_call: { output: 'shell_call_output', words: 'shell call' },
  apply_patch_call: { output: 'apply_patch_call_output', words: 'apply patch call' },
};
const wordsOfOutput = new Map(Object.values(answeredCallTypes).map(({ output, words }) => [output, words]));

type PairingOptions = {
  /** Call ids that this server used twice in one response. Their caller may have two open calls with one id. */
  readonly repeatedCallIds?: ReadonlySet<string>;
};

function noToolCall(words: string, callId: string | undefined): Error {
  return badRequest(`No tool call found for ${words} output with call_id ${String(callId)}.`, 'input');
}

/**
 * Checks that calls and outputs pair one to one: each output follows its call, and no call stays open at the end.
 * `history`: the stored items. `input`: the items of the request.
 * @throws OpenAIError 400 with OpenAI's texts.
 */
export function checkPairing(
  history: readonly Item[],
  input: readonly Item[],
  { repeatedCallIds = new Set() }: PairingOptions = {},
): void {
  const open = new Map<string, { item: Item; count: number; optional: boolean }>();
  const approvals = new Set<string>();
  const callItemIds = new Set(
    [...history, ...input].filter(({ type }) => type in answeredCallTypes).map(({ id }) => id),
  );
  for (const [index, item] of [...history, ...input].entries()) {
    const words = wordsOfOutput.get(item.type);
    if (item.type in answeredCallTypes) {
      const key = `${item.type} ${String(item.call_id)}`;
      const count = open.get(key)?.count ?? 0;
      const isReplay = index >= history.length;
      if (count > 0 && isReplay && !repeatedCallIds.has(String(item.call_id)))
        throw noToolCall(String(answeredCallTypes[item.type]?.words), item.call_id);
      open.set(key, { item, count: count + 1, optional: item['async'] === true });
    } else if (words !== undefined) {
      // At OpenAI an output with its call's item id replaces the call, which then counts as unanswered.
      if (item.id !== undefined && callItemIds.has(item.id)) continue;
      const key = `${item.type.replace(/_output$/, '')} ${String(item.call_id)}`;
      const call = open.get(key);
      if (call === undefined || call.count === 0) throw noToolCall(words, item.call_id);
      call.count -= 1;
    } else if (item.type === 'mcp_approval_request') approvals.add(String(item.id));
    else if (item.type === 'mcp_approval_response') approvals.delete(String(item['approval_request_id']));
  }
  const unanswered = [...open.values()].find(({ count, optional }) => count > 0 && !optional);
  if (unanswered !== undefined) {
    throw badRequest(
      `No tool output found for ${String(answeredCallTypes[unanswered.item.type]?.words)} ${String(unanswered.item.call_id)}.`,
      'input',
    );
  }
  if (approvals.size > 0)
    throw badRequest(
      `The following MCP approval requests do not have an approval: ${[...approvals].join(', ')}`,
      'input',
    );
}
