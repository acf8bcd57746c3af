import { Socket } from 'node:net';
import { Client, type ClientConfig } from 'pg';

/**
 * A client that waits `longestAnswerMs` for each answer. Then it destroys its connection, so the call and all later
 * ones of this connection fail, and a pool opens another one. `pg` has `query_timeout`, which keeps the connection and
 * lets its next query wait behind the lost one. 0: no limit.
 */
export function boundedClient(longestAnswerMs: number): new (config?: string | ClientConfig) => Client {
  return class BoundedClient extends Client {
    constructor(config?: string | ClientConfig) {
      const socket = new Socket();
      super({ ...(typeof config === 'string' ? { connectionString: config } : config), stream: () => socket });
      const ask = this.query.bind(this) as (...parameters: unknown[]) => unknown;
      this.query = ((...parameters: unknown[]) => {
        const answer = ask(...parameters);
        if (longestAnswerMs > 0 && answer instanceof Promise) {
          const timer = setTimeout(() => socket.destroy(noAnswer(longestAnswerMs)), longestAnswerMs);
          const clear = () => clearTimeout(timer);
          answer.then(clear, clear);
        }
        return answer;
      }) as Client['query'];
    }
  };
}

function noAnswer(longestAnswerMs: number): Error {
  return Object.assign(new Error(`PostgreSQL gave no answer for ${longestAnswerMs / 1000} s`), { code: 'ETIMEDOUT' });
}
