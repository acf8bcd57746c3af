import { ModelFailure } from '../../../domain/model-failure.ts';
import type { AsideRequest } from '../../../activities/ports.ts';
import { answerAside, type AsideParts } from '../responses/answer-aside.ts';
import { isGone } from './refusals.ts';

/** Settings of a run that the Responses API takes too. */
const sharedSettings = ['temperature', 'top_p'];

/**
 * Answers a question on a call whose thread waits in `requires_action`, which takes no message. The saved transcript goes
 * to the Responses API of the same server, so thread and run stay as they are.
 * @throws ModelFailure `ModelRetired` if the server has no Responses API.
 */
export async function asideOfThread(parts: AsideParts, aside: AsideRequest): Promise<string> {
  const { assistant } = aside;
  const { assistantId, modelSettings } = assistant;
  const kept =
    assistant.model === null && assistantId !== null
      ? await parts.client.beta.assistants.retrieve(assistantId, { signal: aside.signal })
      : null;
  const settings = Object.entries(modelSettings).filter(([name]) => sharedSettings.includes(name));
  const asked = {
    ...assistant,
    model: assistant.model ?? kept?.model ?? null,
    instructions: assistant.instructions ?? kept?.instructions ?? null,
    modelSettings: Object.fromEntries(settings),
  };
  try {
    return await answerAside(parts, { ...aside, assistant: asked });
  } catch (error) {
    if (!isGone(error)) throw error;
    throw new ModelFailure(
      'ModelRetired',
      `The assistant "${assistant.name}" can't answer questions: its thread takes no message while a call waits, and its model server has no Responses API to ask beside the thread.`,
    );
  }
}
