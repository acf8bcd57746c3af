import { Context, log } from '@temporalio/activity';
import { type QuestionAnswer, ReviewFailure, type ReviewQuestion, type ReviewService } from '@holdpoint/cheqpoint';
import type { AnswerQuestionsInput, RunActivities } from '../domain/activities.ts';
import { ModelFailure } from '../domain/model-failure.ts';
import { besideQuestionOutput, questionOutput, type QuestionCounts } from '../domain/question.ts';
import { withHeartbeats } from './attempt-lease.ts';
import { assistantNamed, ownCall, ownExecution, requesterNamed, type ActivityDependencies } from './context.ts';
import { failure } from './failure.ts';
import { openCallsOf } from './open-calls.ts';
import { ownEntry } from './own-conversation.ts';
import type { AsideRequest } from './ports.ts';

/** Attempts of the Activity, after which a failing model leaves the question unanswered. */
const mostModelAttempts = 4;
/** Characters of an answer. The review server takes no more. */
const longestAnswer = 8_000;
/** Characters of the reason why a question is not answered. */
const longestReason = 900;

/**
 * Answers the reviewers' open questions on the newest request of a call. Reads the request at its source and checks its
 * seal. The model is asked beside the conversation, so the call, its request and the conversation stay as they are. The
 * program that asked for a standalone approval answers itself, so only the counts are read for it.
 * @throws ForeignCall; ReviewUnavailable (retried). A failure of the model becomes the reason that the reviewer sees.
 */
export function createAnswerQuestions(dependencies: ActivityDependencies): RunActivities['answerQuestions'] {
  const { config, review, requests, runs, envelopes, surface } = dependencies;
  return async (input) =>
    await withHeartbeats(async () => {
      try {
        return await answerAll(input);
      } catch (error) {
        if (!(error instanceof ReviewFailure)) throw error;
        // The call has its own reading, which parks where a person is needed.
        throw failure('ReviewUnavailable', error.message, { retryAfterMs: error.retryAfterMs, cause: error });
      }
    });

  async function answerAll({ assistant: name, call, conversation }: AnswerQuestionsInput): Promise<QuestionCounts> {
    const none = { asked: 0, open: 0 };
    const { firstRunId, turn } = await ownCall(runs, call.key);
    const { cancellationSignal: signal } = Context.current();
    const id = (await requests.list(call.key)).at(-1)?.id;
    if (id == null) return none;
    const service = review(requesterNamed(config, name));
    const answer = await service.read(id, signal).catch((error: unknown) => {
      if (error instanceof ReviewFailure && (error.kind === 'gone' || error.kind === 'unreadable')) return undefined;
      throw error;
    });
    const sealed = answer?.details && envelopes.open(answer.details)?.envelope.callKey === call.key;
    if (!answer || !sealed) return none;
    const questions = answer.questions ?? [];
    const waiting = questions.filter(({ answeredAt }) => answeredAt === null);
    if (answer.status !== 'pending' || call.approval || !conversation)
      return { asked: questions.length, open: waiting.length };
    const entry = await ownEntry(dependencies, conversation, firstRunId);
    const assistant = assistantNamed(config, name);
    const before = questions.filter((question) => question.answer !== null);
    for (const question of waiting) {
      const aside = {
        assistant,
        runId: ownExecution().workflowId,
        firstRunId,
        turn,
        conversation: entry ? { ...conversation, surface: entry.state } : conversation,
        outputs: (entry ? openCallsOf(entry) : []).map(({ callId, key }) => ({
          callId,
          output: key === call.key ? questionText(question, before) : besideQuestionOutput,
        })),
        signal,
      };
      const given = aside.outputs.length === 0 ? noTranscript : await ask(aside);
      before.push(await post(service, id, question, given, signal));
    }
    return { asked: questions.length, open: 0 };
  }

  async function ask(aside: AsideRequest): Promise<{ answer: string } | { problem: string }> {
    try {
      const text = (await surface(aside.assistant).answerAside(aside)).toWellFormed().trim();
      return text === '' ? { problem: 'The model answered without a text.' } : { answer: cut(text, longestAnswer) };
    } catch (error) {
      aside.signal.throwIfAborted();
      if (!(error instanceof ModelFailure)) throw error;
      const { attempt } = Context.current().info;
      const isPassing = error.type === 'ModelUnavailable' || error.type === 'ModelRateLimited';
      if (isPassing && attempt < mostModelAttempts)
        throw failure(error.type, error.message, { retryAfterMs: error.retryAfterMs, cause: error });
      log.warn('The model did not answer a question of a reviewer.', { type: error.type, problem: error.message });
      return { problem: cut(`${error.type}: ${error.message}`, longestReason) };
    }
  }
}

const noTranscript = { problem: "The conversation of this run is not in Holdpoint's database." };

function questionText({ text }: ReviewQuestion, before: readonly ReviewQuestion[]): string {
  return questionOutput(
    text,
    before.flatMap((each) => (each.answer === null ? [] : [{ question: each.text, answer: each.answer }])),
  );
}

/** The first answer counts, so a repeat after a lost reply changes nothing. */
async function post(
  service: ReviewService,
  id: string,
  question: ReviewQuestion,
  given: { answer: string } | { problem: string },
  signal: AbortSignal,
): Promise<ReviewQuestion> {
  const answer: QuestionAnswer = { question: question.id, ...given };
  return await service.answerQuestion(id, answer, signal);
}

function cut(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 2).toWellFormed()} …`;
}
