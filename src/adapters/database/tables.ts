import type { ColumnType, Generated } from 'kysely';

/*
 * Holdpoint's tables, the same in SQLite and PostgreSQL. JSON is text, not jsonb, to keep key order and numbers.
 * Booleans are 0 and 1.
 */

/** Milliseconds since the epoch. PostgreSQL returns `bigint` as text. */
type Time = ColumnType<number | string, number>;
type OptionalTime = ColumnType<number | string | null, number | null | undefined>;
/** A count of tokens. */
type OptionalCount = OptionalTime;

export type Tables = {
  /** `at`: the time of the delivery. */
  holdpoint_webhook_news: { webhook_id: string; response_id: string; at: Time };
  /** `unowned`: 1 for a value of a release that recorded no owners. Every run may use it. */
  holdpoint_values: { digest: string; json: string; unowned: Generated<number> };
  /** `first_run_id`: empty until the run that the gateway stored the value for uses it. */
  holdpoint_value_owners: { digest: string; run_id: string; first_run_id: string };
  /** Running workers and their assistants. `assistants` is a JSON array of names, `seen_at` the last heartbeat. */
  holdpoint_workers: {
    worker: string;
    namespace: string;
    task_queue: string;
    assistants: string;
    local_requests: number | null;
    seen_at: Time;
  };
  /** Each assistant that a worker of the Task Queue ever had. */
  holdpoint_assistants: { namespace: string; task_queue: string; name: string };
  /** Callers of the gateway. `scopes` is JSON. The row of a removed caller stays, so its name is not given again. */
  holdpoint_callers: {
    name: string;
    scopes: string;
    created_at: Time;
    created_by: string;
    removed_at: OptionalTime;
    removed_by: string | null;
  };
  /** API keys of callers. `key_hash` is the SHA-256 in hex, `last_used_at` the start of an hour. */
  holdpoint_api_keys: {
    id: string;
    caller: string;
    key_hash: string;
    masked: string;
    created_at: Time;
    created_by: string;
    last_used_at: OptionalTime;
    expires_at: OptionalTime;
    revoked_at: OptionalTime;
    revoked_by: string | null;
  };
  holdpoint_transcripts: {
    id: string;
    parent: string | null;
    run_id: string;
    first_run_id: string;
    turn: number;
    digest: string;
    entry: string;
  };
  holdpoint_requests: {
    call_key: string;
    number: number;
    kind: 'call' | 'outcome';
    request: string;
    opened_at: Time;
    answered: Generated<number>;
    request_id: string | null;
    review_url: string | null;
    at_once: string | null;
  };
  holdpoint_effects: {
    call_key: string;
    start_number: number;
    run_id: string;
    tool: string;
    /**
     * `once` is the first release's word for `at-most-once`. It stays, so that workers of both releases read all rows.
     */
    effect: 'idempotent' | 'once';
    arguments_digest: string;
    requests_before: number;
    request_number: number | null;
    request_id: string | null;
    attempt_id: string;
    worker: string;
    attempt_at: Time;
    attempts: Generated<number>;
    state: Generated<'open' | 'done' | 'failed' | 'confirmed' | 'given-up' | 'not-happened' | 'superseded'>;
    doubted: Generated<number>;
    output: string | null;
    closed_at: OptionalTime;
  };
  /** Runs as their first Activity saw them. `started_at`: Temporal's time. */
  holdpoint_runs: {
    first_run_id: string;
    run_id: string;
    assistant: string;
    caller: string | null;
    summary: string;
    started_at: Time;
  };
  /** Fields of a run's context, for lists. `name`: a path such as `customer.id`. */
  holdpoint_run_fields: { first_run_id: string; name: string; value: string };
  /** Answers of the model. `id`: the transcript entry. Tokens are null if the server reported none. */
  holdpoint_run_turns: {
    id: string;
    run_id: string;
    first_run_id: string;
    turn: number;
    attempt: number;
    assistant: string;
    api: 'responses' | 'assistants';
    model: string | null;
    started_at: Time;
    ended_at: Time;
    input_tokens: OptionalCount;
    cached_input_tokens: OptionalCount;
    output_tokens: OptionalCount;
    reasoning_tokens: OptionalCount;
    /** In 10⁻¹² of the currency. Null without a price, and where tokens are missing. */
    cost_pico: ColumnType<number | string | null, bigint | null | undefined>;
    currency: string | null;
    outcome: string;
  };
  /** Events of calls. */
  holdpoint_run_calls: {
    id: string;
    run_id: string;
    first_run_id: string;
    call_key: string;
    at: Time;
    event: string;
  };
};
