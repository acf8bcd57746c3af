import { setTimeout as sleep } from 'node:timers/promises';
import type { Chunk, Fate } from '../../support/tcp-proxy.ts';
import type { Cell } from './cell.ts';
import type { Lane } from './lane.ts';
import { momentOf, ReplyFinder } from './moments.ts';
import { strike, type Struck } from './strike.ts';

/** A cell's fault, which begins when its step passes. */
export type ArmedStrike = {
  /** Begins to watch for the step. */
  arm(): void;
  /** Undefined until the fault has begun. */
  struckAt(): number | undefined;
  /** Undefined until it has ended. */
  healedAt(): number | undefined;
  /** Stops watching, waits for the end of the fault, and does what comes after the run. */
  finish(): Promise<void>;
};

const repeatedFaults: ReadonlySet<string> = new Set(['500', '429', 'malformed']);

/** @throws Error if the lane has no proxy where the step passes */
export function prepareStrike(lane: Lane, cell: Cell): ArmedStrike {
  const moment = momentOf(cell);
  const link = lane.links[moment.link];
  if (!link) throw new Error(`A lane of the kind ${lane.kind} has no proxy for "${moment.link}".`);
  const atItsLink = moment.link === cell.on;
  const losesReply = atItsLink && cell.fault === 'reply lost';
  const onReply = cell.side === 'after' || losesReply || cell.fault === '500 after it acted';
  const isDatabase = moment.link.endsWith('database');
  const finder = new ReplyFinder({ isDatabase });
  let struck: Promise<Struck> | undefined;
  let struckAt: number | undefined;
  let healedAt: number | undefined;
  let ended: Promise<void> | undefined;

  const begin = async (): Promise<Fate> => {
    struckAt = Date.now();
    struck = strike(lane, cell, atItsLink);
    const { fate, holdMs, heal } = await struck;
    const end = async () => {
      if (holdMs > 0) await sleep(holdMs);
      await heal();
      healedAt = Date.now();
    };
    ended = end();
    // Reported by `finish`.
    ended.catch(() => undefined);
    return losesReply ? 'reset' : fate;
  };
  const decide = async (chunk: Chunk): Promise<Fate> => {
    const isMoment =
      chunk.direction === 'request' &&
      (isDatabase ? lane.statements.written(chunk.bytes) : chunk.bytes).includes(moment.contains);
    const isReply = finder.sees(chunk, isMoment);
    if (struck === undefined) return (onReply ? isReply : isMoment) ? await begin() : 'pass';
    return repeatedFaults.has(cell.fault) && isMoment && healedAt === undefined ? (await struck).fate : 'pass';
  };
  return {
    arm: () => link.decideFate(decide),
    struckAt: () => struckAt,
    healedAt: () => healedAt,
    async finish() {
      link.decideFate(() => 'pass');
      const { after } = (await struck) ?? {};
      await ended;
      await after?.();
      for (const each of Object.values(lane.links)) {
        await each.heal();
        // Lost connections would take part in the next cell.
        if (each === lane.links[cell.on as keyof Lane['links']]) each.resetConnections();
      }
    },
  };
}
