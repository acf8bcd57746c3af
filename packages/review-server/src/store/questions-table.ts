/** A reviewer's question to the requester. The first answer counts. */
export type QuestionsTable = {
  id: string;
  approval_id: string;
  text: string;
  /** Name of the user. */
  asked_by: string;
  asked_at: string;
  answer: string | null;
  /** Why it was not answered. */
  problem: string | null;
  answered_at: string | null;
};
