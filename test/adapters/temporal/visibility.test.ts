import { describe, expect, it } from 'vitest';
import { visibilityQuery } from '../../../src/adapters/temporal/visibility.ts';

describe('visibilityQuery', () => {
  it('name of an assistant → compared as a whole', () => {
    expect(visibilityQuery({ assistant: 'comms desk' })).toBe(
      `WorkflowType = 'holdpointRun' AND ExecutionStatus != 'ContinuedAsNew' AND HoldpointAssistant = 'comms desk'`,
    );
  });

  it.each(["comms' OR 'a' = 'a", 'comms"', 'comms`', 'comms\\'])('name %s → refused', (name) => {
    for (const filter of [{ assistant: name }, { approvalId: name }])
      expect(() => visibilityQuery(filter)).toThrow(
        expect.objectContaining({ kind: 'refused', message: expect.stringContaining(name) }) as Error,
      );
  });
});
