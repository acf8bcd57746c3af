import { ReviewFailure, type QuestionAnswer, type ReviewAnswer, type ReviewQuestion } from '@holdpoint/cheqpoint';
import type { JsonObject } from '@holdpoint/json';
import type { ApprovalRecordsDeps } from '../../src/gateway/approval-records.ts';
import type { Call } from '../../src/schemas/rest.ts';
import { Envelopes, type Envelope } from '../../src/signing/envelope.ts';
import type { FakeRuns } from './fake-runs.ts';

/** A review service in memory. For a call without a record it answers with the values that the run remembers. */
export class FakeReviews implements ApprovalRecordsDeps {
  readonly records = new Map<string, ReviewAnswer | ReviewFailure>();
  readonly readFor: string[] = [];
  readonly answered: Array<{ id: string; answer: QuestionAnswer }> = [];
  readonly #envelopes = new Envelopes(['a secret of the tests of the gateway only']);
  readonly #runs: FakeRuns;

  constructor(runs: FakeRuns) {
    this.#runs = runs;
  }

  openEnvelope = (details: JsonObject) => this.#envelopes.open(details);

  review = (assistant: string) => ({
    readRecord: async (id: string): Promise<ReviewAnswer> => {
      this.readFor.push(assistant);
      const found = this.records.get(id) ?? this.#remembered(id);
      if (found instanceof ReviewFailure) throw found;
      return found;
    },
    answerQuestion: async (id: string, answer: QuestionAnswer): Promise<ReviewQuestion> => {
      const found = this.records.get(id);
      const question =
        found instanceof ReviewFailure ? undefined : found?.questions?.find((each) => each.id === answer.question);
      if (!question) throw new ReviewFailure('gone', 'There is no such question.', { sent: true });
      this.answered.push({ id, answer });
      return { ...question, answer: 'answer' in answer ? answer.answer : null, answeredAt: '2026-11-22T10:00:00.000Z' };
    },
  });

  /** Stores a sealed request under an id. */
  set(id: string, args: JsonObject, envelope: Partial<Envelope> = {}, answer: Partial<ReviewAnswer> = {}): void {
    this.records.set(id, this.#answer(id, args, envelope, answer));
  }

  #remembered(id: string): ReviewAnswer | ReviewFailure {
    for (const { detail } of this.#runs.runs.values())
      for (const call of detail?.calls ?? [])
        if (call.approval?.id === id)
          return this.#answer(id, call.arguments as JsonObject, sealedOf(call), linkOf(call));
    return new ReviewFailure('gone', `Cheqpoint does not know the request "${id}".`, { sent: true });
  }

  #answer(id: string, args: JsonObject, envelope: Partial<Envelope>, answer: Partial<ReviewAnswer>): ReviewAnswer {
    return {
      id,
      status: 'pending',
      statusWord: 'PENDING',
      details: this.#envelopes.seal({ ...anEnvelope, ...envelope }, args),
      modifiedDetails: null,
      note: null,
      reviewUrl: `https://review.example/${id}`,
      decidedAt: null,
      autoDecided: false,
      ruleName: null,
      reasonCode: null,
      retryable: false,
      ...answer,
    };
  }
}

const anEnvelope: Envelope = {
  callKey: 'first/1/0/call_1',
  assistant: 'comms',
  tool: 'send_email_blast',
  definition: 'd',
  kind: 'call',
  number: 1,
  risk: 'medium',
  deadline: null,
  context: null,
  because: null,
  justificationFrom: null,
};

function sealedOf({ key, tool, approval }: Call): Partial<Envelope> {
  return { callKey: key, tool, kind: approval!.kind, number: approval!.request };
}

function linkOf({ approval }: Call): Partial<ReviewAnswer> {
  return { reviewUrl: approval!.reviewUrl };
}
