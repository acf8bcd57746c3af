import { ReviewFailure, type ReviewService } from '@holdpoint/cheqpoint';
import { noAssistant } from '../domain/standalone-approval.ts';
import { requesterNamed, type ActivityDependencies } from './context.ts';

/** A review service, and the assistants whose requests are there. */
export type ServiceGroup = {
  service: ReviewService;
  /** In alphabetical order. */
  assistants: string[];
  /** The first of them. Names the group in state that is kept, since a Connection Key is a secret. */
  name: string;
};

/** One group for each Connection Key. Omits assistants without a key: another worker serves them. */
export function serviceGroups({ config, review }: Pick<ActivityDependencies, 'config' | 'review'>): ServiceGroup[] {
  const groups = new Map<ReviewService, ServiceGroup>();
  for (const name of [noAssistant, ...config.assistants.map((assistant) => assistant.name)].sort()) {
    const service = serviceOf(name);
    if (service === undefined) continue;
    const group = groups.get(service) ?? { service, assistants: [], name };
    group.assistants.push(name);
    groups.set(service, group);
  }
  return [...groups.values()];

  function serviceOf(name: string): ReviewService | undefined {
    try {
      return review(requesterNamed(config, name));
    } catch (error) {
      if (error instanceof ReviewFailure) return undefined;
      throw error;
    }
  }
}
