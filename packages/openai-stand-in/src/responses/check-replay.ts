import type { Item } from '../item.ts';
import { badRequest } from '../openai-error.ts';
import { openReasoning } from './encrypted-reasoning.ts';

/** A reasoning item that was dropped because another model made it. */
export type InputTransformation = {
  readonly id: string;
  readonly type: 'reasoning';
  readonly action: 'removed';
  readonly reason: 'model_mismatch';
};

type ReplayOptions = {
  readonly model: string;
  readonly history: readonly Item[];
  /** Finds a stored item. */
  readonly findItem: (id: string) => Item | undefined;
  /** The reasoning item directly before an item of the model, by that item's id. */
  readonly reasoningBefore: ReadonlyMap<string, string>;
};

function notPersisted(id: string): Error {
  return badRequest(
    `Item with id '${id}' not found. Items are not persisted when \`store\` is set to false. Try again with \`store\` set to true, or remove this item from your input.`,
    'input',
  );
}

function checkReasoning(item: Item, findItem: ReplayOptions['findItem']): string | undefined {
  const id = String(item.id);
  const content = item['encrypted_content'];
  if (typeof content !== 'string') {
    if (findItem(id) === undefined) throw notPersisted(id);
    return undefined;
  }
  const opened = openReasoning(content);
  if (opened?.id !== id) throw invalidEncryptedContent(id);
  return opened.model;
}

/** OpenAI's 400 for an unreadable reasoning item. */
export function invalidEncryptedContent(id: string): Error {
  return badRequest(
    `The encrypted content for item ${id} could not be verified. Reason: Encrypted content could not be decrypted or parsed.`,
    'input',
    'invalid_encrypted_content',
  );
}

/** A model item with an id requires the reasoning before it, and reasoning requires the item after it. */
function checkReasoningStays(
  sequence: readonly Item[],
  input: readonly Item[],
  reasoningBefore: ReplayOptions['reasoningBefore'],
): void {
  const present = new Set(sequence.map(({ id }) => id));
  for (const item of input) {
    const needed = item.id === undefined ? undefined : reasoningBefore.get(item.id);
    if (needed !== undefined && !present.has(needed)) {
      throw badRequest(
        `Item '${String(item.id)}' of type '${item.type}' was provided without its required 'reasoning' item: '${needed}'.`,
        'input',
      );
    }
  }
  const lonely = input.find(
    (item, index) =>
      item.type === 'reasoning' &&
      (index === input.length - 1 || input[index + 1]?.['role'] === 'user') &&
      [...reasoningBefore.values()].includes(String(item.id)),
  );
  if (lonely !== undefined)
    throw badRequest(
      `Item '${String(lonely.id)}' of type 'reasoning' was provided without its required following item.`,
      'input',
    );
}

/**
 * Checks replayed items, resolves references to stored ones, and drops reasoning of another model.
 * @throws OpenAIError 400 with OpenAI's texts.
 */
export function acceptReplay(
  input: readonly Item[],
  { model, history, findItem, reasoningBefore }: ReplayOptions,
): { readonly items: readonly Item[]; readonly transformations: readonly InputTransformation[] } {
  const transformations: InputTransformation[] = [];
  const resolved = input.map((item) => {
    if (item.type !== 'item_reference') return item;
    const found = findItem(String(item.id));
    if (found === undefined) throw notPersisted(String(item.id));
    return found;
  });
  // Outputs are skipped: an output with its call's id gets the error of `checkPairing`.
  const ids = [...history, ...resolved].flatMap(({ id, type }) =>
    id === undefined || type.endsWith('_output') ? [] : [id],
  );
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined)
    throw badRequest(
      `Duplicate item found with id ${twice}. Remove duplicate items from your input and try again.`,
      'input',
    );
  checkReasoningStays([...history, ...resolved], resolved, reasoningBefore);
  const items = resolved.filter((item) => {
    if (item.type !== 'reasoning') return true;
    const madeBy = checkReasoning(item, findItem);
    if (madeBy === undefined || madeBy === model) return true;
    transformations.push({ id: String(item.id), type: 'reasoning', action: 'removed', reason: 'model_mismatch' });
    return false;
  });
  return { items, transformations };
}
