import type { Chunk } from '../../support/tcp-proxy.ts';
import type { Cell, LinkName, Step } from './cell.ts';

/** The passing of a step: a request on one link that contains a text. */
export type Moment = { link: LinkName; contains: string };

/** By step: its request between two processes, and its statement at a database. */
const requests: Record<Step, Moment> = {
  start: { link: 'client → gateway', contains: 'POST /v1/runs' },
  takeTurn: { link: 'worker → model', contains: 'POST /v1/responses' },
  requestApproval: { link: 'worker → review server', contains: 'POST /api/webhooks/inbound' },
  decide: { link: 'reviewer → review server', contains: '/decide HTTP' },
  callback: { link: 'review server → gateway', contains: 'POST /callbacks/' },
  readDecision: { link: 'worker → review server', contains: 'GET /api/approvals/' },
  beforeTool: { link: 'worker → database', contains: 'insert into "holdpoint_effects"' },
  tool: { link: 'worker → effect service', contains: 'POST /blasts' },
  record: { link: 'worker → database', contains: 'update "holdpoint_effects"' },
  nextTurn: { link: 'worker → model', contains: 'POST /v1/responses' },
};
const statements: { [Link in LinkName]?: { [S in Step]?: string } } = {
  'worker → database': {
    takeTurn: 'insert into "holdpoint_transcripts"',
    requestApproval: 'insert into "holdpoint_requests"',
  },
  'review server → database': {
    requestApproval: 'insert into "approvals"',
    decide: 'update "approvals"',
    callback: 'insert into "delivery_attempts"',
  },
};

export function momentOf({ on, step }: Pick<Cell, 'on' | 'step'>): Moment {
  const contains = statements[on as LinkName]?.[step];
  return contains === undefined ? requests[step] : { link: on as LinkName, contains };
}

/** True before these steps have passed until the reviewer approves: only then the lane is watched. */
export const stepsAfterApproval: ReadonlySet<Step> = new Set([
  'decide',
  'callback',
  'readDecision',
  'beforeTool',
  'tool',
  'record',
  'nextTurn',
]);

/**
 * Finds the reply to a request on its connection. At a database it is the reply to the COMMIT of the transaction, or to
 * the statement itself where there is none.
 */
export class ReplyFinder {
  readonly #isDatabase: boolean;
  readonly #inTransaction = new Set<number>();
  #connection: number | undefined;
  #isAwaited = false;

  constructor({ isDatabase }: { isDatabase: boolean }) {
    this.#isDatabase = isDatabase;
  }

  /** To be called with every chunk of the link. True for the reply, once. */
  sees({ direction, bytes, connection }: Chunk, isMoment: boolean): boolean {
    if (direction === 'request') {
      const text = this.#isDatabase ? bytes.toString('latin1') : '';
      if (/\b(begin|start transaction)\b/.test(text)) this.#inTransaction.add(connection);
      const ends = /\b(commit|rollback)\b/.test(text);
      if (ends) this.#inTransaction.delete(connection);
      if (isMoment) this.#connection = connection;
      if (connection === this.#connection && (ends || (isMoment && !this.#inTransaction.has(connection))))
        this.#isAwaited = true;
      return false;
    }
    if (!this.#isAwaited || connection !== this.#connection) return false;
    this.#isAwaited = false;
    this.#connection = undefined;
    return true;
  }
}
