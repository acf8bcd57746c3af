import { Socket } from 'node:net';
import { Client, type ClientConfig } from 'pg';
import type { PreparedStatements } from './prepared-statements.ts';

type Ask = (...parameters: unknown[]) => unknown;

/**
 * A client that waits `longestAnswerMs` for each answer. Then it destroys its connection, so the call and all later
 * ones of this connection fail, and a pool opens another one. `pg` has `query_timeout`, which keeps the connection and
 * lets its next query wait behind the lost one. 0: no limit.
 * `prepared`: the statements that it prepares. @default none
 */
export function boundedClient(
  longestAnswerMs: number,
  prepared?: PreparedStatements,
): new (config?: string | ClientConfig) => Client {
  return class BoundedClient extends Client {
    constructor(config?: string | ClientConfig) {
      const socket = new Socket();
      super({ ...(typeof config === 'string' ? { connectionString: config } : config), stream: () => socket });
      const plain = this.query.bind(this) as Ask;
      const ask = prepared ? askPrepared(plain, prepared) : plain;
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

/** A statement that fails because it was prepared is sent once more. Inside a transaction the first error stays. */
function askPrepared(ask: Ask, prepared: PreparedStatements): Ask {
  return (...parameters) => {
    const [text, values] = parameters;
    if (typeof text !== 'string' || !Array.isArray(values) || values.length === 0) return ask(...parameters);
    const name = prepared.nameOf(text);
    if (name === undefined) return ask(text, values);
    return (ask({ name, text, values }) as Promise<unknown>).catch(async (error: unknown) => {
      if (!prepared.failedAsPrepared(error)) throw error;
      try {
        return await ask(text, values);
      } catch {
        throw error;
      }
    });
  };
}

function noAnswer(longestAnswerMs: number): Error {
  return Object.assign(new Error(`PostgreSQL gave no answer for ${longestAnswerMs / 1000} s`), { code: 'ETIMEDOUT' });
}
