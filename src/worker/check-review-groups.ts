import { hostedCheqpointUrl, readGroups } from '@holdpoint/cheqpoint';
import type { HoldpointConfig } from '../assistant/assistant.ts';
import { stagesOf } from '../assistant/review-by.ts';
import type { ReviewByRule } from '../assistant/tool.ts';

/** A group that the config names, and where. */
type NamedGroup = { group: string; place: string; connectionKey: string };

export type GroupCheck = {
  config: HoldpointConfig;
  cheqpoint: { connectionKey?: string | undefined; baseUrl?: string | undefined };
  /** @default 10_000 */
  timeoutMs?: number;
};

/**
 * Compares the groups that the config names with those of the review server. `unknown`: sentences about names that no
 * group has. `warning`: why a group can't be checked. Groups that a function returns are checked with each request.
 */
export async function checkReviewGroups({
  config,
  cheqpoint: { connectionKey, baseUrl = hostedCheqpointUrl },
  timeoutMs = 10_000,
}: GroupCheck): Promise<{ unknown: string[]; warning?: string }> {
  const named = groupsIn(config, connectionKey);
  const unknown: string[] = [];
  for (const key of new Set(named.map((each) => each.connectionKey))) {
    const ofKey = named.filter((each) => each.connectionKey === key);
    const places = [...new Set(ofKey.map(({ place }) => place))].join(', ');
    let known: string[] | undefined;
    try {
      known = await readGroups({ baseUrl, connectionKey: key, timeoutMs });
    } catch (error) {
      return { unknown, warning: `The groups of ${places} could not be checked: ${(error as Error).message}` };
    }
    if (known === undefined)
      return {
        unknown,
        warning: `The review service at ${baseUrl} takes no groups, so ${places} has no effect: every reviewer there may decide alone.`,
      };
    const keys = new Set(known.map(comparable));
    for (const { group, place } of ofKey)
      if (!keys.has(comparable(group)))
        unknown.push(
          `${place} names the group "${group}". The review server at ${baseUrl} has ${known.length === 0 ? 'no groups' : `the groups ${known.join(', ')}`}. Correct the name, or add the group in the inbox under Admin, Groups.`,
        );
  }
  return { unknown };
}

/** True if the config names a group outside of functions. */
export function namesGroups(config: HoldpointConfig): boolean {
  return groupsIn(config, '').length > 0;
}

function groupsIn({ assistants }: HoldpointConfig, defaultKey: string | undefined): NamedGroup[] {
  return assistants.flatMap(({ name, tools, reviewBy, connectionKey: own }) => {
    const connectionKey = own ?? defaultKey;
    if (connectionKey === undefined) return [];
    const at = (place: string, by: ReviewByRule<unknown> | undefined): NamedGroup[] =>
      by === undefined || typeof by === 'function'
        ? []
        : stagesOf(by).map(({ group }) => ({ group, place, connectionKey }));
    return [
      ...at(`reviewBy of the assistant "${name}"`, reviewBy),
      ...tools.flatMap((tool) =>
        typeof tool.review === 'object' ? at(`review.by of the tool "${tool.name}"`, tool.review.by) : [],
      ),
    ];
  });
}

/** The review server compares names without letter case and Unicode forms. */
function comparable(name: string): string {
  return name.normalize('NFKC').trim().replace(/\s+/gu, ' ').toUpperCase().toLowerCase();
}
