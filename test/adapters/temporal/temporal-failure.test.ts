import { describe, expect, it } from 'vitest';
import { toRunsFailure } from '../../../src/adapters/temporal/temporal-failure.ts';

/** An error as grpc-js makes it. */
function grpcError(code: number, details: string): Error {
  return Object.assign(new Error(`${code}: ${details}`), { code, details, metadata: {} });
}

describe('toRunsFailure', () => {
  it.each([
    [3, 'malformed', 'refused', 'Temporal refused the request: malformed.'],
    [3, 'no mapping defined for search attribute HoldpointState', 'not-set-up', 'lacks Holdpoint'],
    [3, 'exceeded workflow execution limit for signal events', 'refused', '10,000 Signals'],
    [8, 'exceeded workflow execution limit for signal events', 'refused', '10,000 Signals'],
    [4, 'Deadline exceeded', 'unavailable', "can't be reached"],
    [14, 'No connection', 'unavailable', "can't be reached"],
    [5, 'Namespace nowhere is not found.', 'not-set-up', 'namespace create -n nowhere'],
    [7, 'Request unauthorized.', 'not-set-up', 'TEMPORAL_API_KEY'],
    [12, 'unknown method', 'not-set-up', 'server 1.28'],
    [8, 'namespace rate limit exceeded', 'unavailable', 'answered with an error: namespace rate limit exceeded'],
    [13, 'shard closed', 'unavailable', 'answered with an error: shard closed'],
    [2, 'odd', 'unavailable', 'answered with an error: odd'],
  ])('gRPC code %i, %j → %s', (code, details, kind, says) => {
    const failure = toRunsFailure(grpcError(code, details), 'nowhere', 'localhost:7233');
    expect(failure).toMatchObject({ kind, message: expect.stringContaining(says) });
  });
});
