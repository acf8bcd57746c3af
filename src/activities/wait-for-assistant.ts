import { Context } from '@temporalio/activity';
import { noAssistant } from '../domain/standalone-approval.ts';
import { closestName } from '../schemas/closest-name.ts';
import type { ActivityDependencies } from './context.ts';
import { failure } from './failure.ts';

/**
 * Attempts at an assistant that no worker ever had. With the Activities' backoff the last is ten minutes after the
 * first.
 */
const attemptsAtUnknown = 19;

type Dependencies = Pick<ActivityDependencies, 'config' | 'published' | 'attemptsAtUnknown'>;

/**
 * Gives other workers the time to take over a run whose assistant this worker lacks, as in a rolling deploy. Returns
 * when this worker has the assistant, or when no other can be expected to: then the run parks. `begun`: the run has
 * worked before, so its assistant existed.
 * @throws AssistantNotHere (retried); NoSuchAssistant (fails) when no worker ever had it, after ten minutes.
 */
export async function waitForAssistant(
  { config, published, attemptsAtUnknown: attempts = attemptsAtUnknown }: Dependencies,
  name: string,
  { begun }: { begun: boolean },
): Promise<void> {
  const own = config.assistants.map((assistant) => assistant.name);
  if (!published || name === noAssistant || own.includes(name)) return;
  const live = await published.live();
  if (live.includes(name))
    throw failure(
      'AssistantNotHere',
      `This worker's config has no assistant "${name}", and another running worker has it. Deploy one config to all workers of the Task Queue.`,
    );
  if (begun || (await published.everHad(name))) return;
  const names = [...new Set([...own, ...live])];
  const closest = closestName(name, names);
  const unknown = `No worker has ever had an assistant "${name}".${closest === undefined ? '' : ` Did you mean "${closest}"?`} The workers have: ${names.join(', ')}.`;
  if (Context.current().info.attempt < attempts)
    throw failure('AssistantNotHere', `${unknown} The run fails unless a worker with it starts within ten minutes.`);
  throw failure('NoSuchAssistant', `${unknown} Start the run again with one of these.`);
}
