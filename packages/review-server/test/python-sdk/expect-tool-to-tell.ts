import { expect } from 'vitest';
import { requestedAt } from '../requested-at.ts';
import { EMAIL_BLAST, type TestServer } from '../test-server.ts';
import type { Framework, PythonSdk } from './python-sdk.ts';

/** A framework's model gets an approval, a rejection, a time-out and a refusal, each with its own text. */
export async function expectToolToTell(
  framework: Framework,
  server: TestServer,
  call: PythonSdk['call'],
): Promise<void> {
  const { action, details, justification } = EMAIL_BLAST;
  const ask = (outcome: string, rest: object = {}, key?: string) =>
    call(
      framework,
      { arguments: { action, summary: `${framework} ${outcome}`, details, risk_score: 0.8, justification }, ...rest },
      key,
    );
  const decide = async (outcome: string, decision: object) =>
    server.decide(await requestedAt(server, `${framework} ${outcome}`), decision);
  const answers = [
    ask('approved'),
    ask('edited'),
    ask('rejected'),
    ask('left alone', { timeout: 0.3 }),
    ask('refused', {}, 'cq_live_wrong'),
  ];
  await decide('approved', { decision: 'approve', note: 'Go.' });
  await decide('edited', { decision: 'approve', modifiedDetails: { ...details, recipient_count: 50 } });
  await decide('rejected', { decision: 'reject', note: 'Not today.' });
  expect(await Promise.all(answers)).toEqual([
    { result: 'APPROVED: Go.' },
    // These tools drop the edit, so the model continues with its own arguments.
    { result: 'APPROVED: Approved by reviewer' },
    { result: expect.stringMatching(/^REJECTED: Not today\./) },
    { result: expect.stringMatching(/^TIMED_OUT: /) },
    { result: expect.stringMatching(/^ERROR: .*Unknown Connection Key/) },
  ]);
}
