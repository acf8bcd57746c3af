import type { ColumnType, Generated } from 'kysely';

/*
 * Holdpoint's tables, the same in SQLite and PostgreSQL. JSON is text, not jsonb, to keep key order and numbers.
 * Booleans are 0 and 1.
 */

/** Milliseconds since the epoch. PostgreSQL returns `bigint` as text. */
type Time = ColumnType<number | string, number>;
type OptionalTime = ColumnType<number | string | null, number | null | undefined>;

export type Tables = {
  /** `at`: the time of the delivery. */
  holdpoint_webhook_news: { webhook_id: string; response_id: string; at: Time };
  /** `unowned`: 1 for a value of a release that recorded no owners. Every run may use it. */
  holdpoint_values: { digest: string; json: string; unowned: Generated<number> };
  /** `first_run_id`: empty until the run that the gateway stored the value for uses it. */
  holdpoint_value_owners: { digest: string; run_id: string; first_run_id: string };
  /** Running workers and their assistants. `assistants` is a JSON array of names, `seen_at` the last heartbeat. */
  holdpoint_workers: { worker: string; namespace: string; task_queue: string; assistants: string; seen_at: Time };
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
};
