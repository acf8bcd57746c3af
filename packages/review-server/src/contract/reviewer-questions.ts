import { LONGEST_QUESTION, questionSchema, writtenText } from '@holdpoint/cheqpoint/wire';
import { z } from 'zod';

/**
 * The body of `POST /approvals/{id}/questions`: a question to the requester. Answers with the ReviewerApproval. The
 * approval stays open and unchanged. Every signed-in person may ask. 409 when it is closed, has ten questions, or the
 * id names another question.
 */
export const askQuestionSchema = z.object({
  text: writtenText(LONGEST_QUESTION).describe('The question. Free text, read by the program or the model that asked.'),
  id: z
    .string()
    .regex(/^[\w-]{8,64}$/, 'must be 8 to 64 letters, digits, underscores or hyphens')
    .optional()
    .describe('Makes the call repeatable: a second one with the same id asks nothing.'),
});

/** Questions on an approval, oldest first. */
export const questionsSchema = z.array(questionSchema);
