import { z } from 'zod';
import { forPeople } from './for-people.ts';

/* Questions of reviewers on open requests: an extension of our review server, which hosted Cheqpoint does not have. */

/** Questions on one request. */
export const MOST_QUESTIONS = 10;
/** Characters. */
export const LONGEST_QUESTION = 2_000;
const longestAnswer = 8_000;
/** Characters of the reason why a question has no answer. */
const longestProblem = 1_000;

/** A reviewer's question on a request, with its answer. */
export const questionSchema = z.object({
  id: z.string(),
  text: z.string().describe('Free text of a person. It changes nothing about the request.'),
  askedBy: z.string().describe('Name of the reviewer.'),
  askedAt: z.string(),
  answer: z.string().nullable().describe('Null without an answer. Literal text, no markup.'),
  problem: z.string().nullable().describe('Why it was not answered. Null while it waits, and with an answer.'),
  answeredAt: z.string().nullable().describe('Null while it waits.'),
});
export type WireQuestion = z.output<typeof questionSchema>;

/** Text for people that is not empty. */
export const writtenText = (longest: number) =>
  forPeople.pipe(z.string().max(longest)).refine((text) => text.trim() !== '', 'must not be empty');

/** Body of `POST /api/approvals/{id}/answers`: an answer, or the reason why there is none. */
export const answerQuestionSchema = z
  .object({
    question: z.string().min(1).max(100).describe('`id` of the question.'),
    answer: writtenText(longestAnswer).optional().describe('The answer for the reviewer.'),
    problem: writtenText(longestProblem).optional().describe('Why it is not answered, as a sentence.'),
  })
  .refine(({ answer, problem }) => (answer === undefined) !== (problem === undefined), {
    message: 'needs either answer or problem',
  });
export type AnswerQuestion = z.output<typeof answerQuestionSchema>;

/** Query of `GET /api/questions`. */
export const readQuestionsSchema = z.object({
  after: z.string().min(1).max(200).optional().describe('`cursor` of the last answer. Without it: from the oldest.'),
  waitingMs: z.coerce
    .number()
    .int()
    .min(0)
    .max(31_536_000_000)
    .default(0)
    .describe('Only questions that have waited this many milliseconds.'),
  limit: z.coerce.number().int().min(1).max(1000).default(500).describe('Questions in one answer, at most.'),
});
export type ReadQuestions = z.output<typeof readQuestionsSchema>;

/** Answer of `GET /api/questions`: the open questions on your open requests, oldest first. */
export const openQuestionsSchema = z.object({
  questions: z.array(z.object({ id: z.string(), approvalId: z.string(), askedAt: z.string() })),
  cursor: z.string().nullable().describe('`after` of the next call. Null without more questions.'),
});
export type OpenQuestionsAnswer = z.output<typeof openQuestionsSchema>;

/** Body of a callback about a question. It goes to gateways of Holdpoint only. */
export const questionCallbackSchema = z.object({
  event: z.literal('question'),
  approvalId: z.string(),
  question: z.string().describe('`id` of the question. Read it by GET /api/approvals/{id}.'),
});
export type QuestionCallback = z.output<typeof questionCallbackSchema>;
