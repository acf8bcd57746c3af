/** The timed steps of approvals. */
export type StepsTable = {
  id: string;
  approval_id: string;
  /** A key of `stepKinds`. */
  kind: string;
  /** JSON of the kind. */
  facts: string;
  created_at: string;
  due_at: string;
  /** Failed attempts. */
  attempts: number;
  /** `due_at`, or later after a failure. */
  next_attempt_at: string;
  last_problem: string | null;
  done_at: string | null;
  /** `executed`, `dropped`, or a word of the kind. Null while open. */
  result: string | null;
};
