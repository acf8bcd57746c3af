/** The answers to an outcome question, by the name that the command line has for each. */
export const outcomeAnswers = ['happened', 'not-happened', 'give-up'] as const;
export type OutcomeAnswer = (typeof outcomeAnswers)[number];
/** Each answer as a clause. */
export const outcomeMeanings: Record<OutcomeAnswer, string> = {
  happened: 'it happened',
  'not-happened': 'it did not happen, and runs once more',
  'give-up': 'its outcome stays unknown, and it is not repeated',
};
