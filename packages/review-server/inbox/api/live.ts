import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { changedEventSchema, Counts } from '../../src/contract/reviewer-api.ts';
import { holdsQuery } from '../decide/held-decisions-query.ts';
import { lookForUpdate } from '../ui/missing-part.ts';
import { approvalQuery, countsQuery, sessionQuery } from './queries.ts';

type Changed = (typeof changedEventSchema)['_output'];

const gatherMs = 300;
const reconnectMs = 2000;

/**
 * Keeps the page up to date by server-sent events. After a lost connection the page reads everything again. Returns
 * whether the connection is open.
 */
export function useLive(onChanged: (id: string) => void): boolean {
  const client = useQueryClient();
  const [isLive, setLive] = useState(true);
  useEffect(() => {
    let source: EventSource;
    let retry: ReturnType<typeof setTimeout> | undefined;
    let wasAway = false;
    const lists = gathered(() => client.invalidateQueries({ queryKey: ['approvals'] }));

    const connect = () => {
      source = new EventSource('/reviewer-api/events');
      source.addEventListener('open', () => {
        setLive(true);
        if (wasAway) {
          readAllAgain(client);
          void lookForUpdate();
        }
        wasAway = false;
      });
      source.addEventListener('error', () => {
        setLive(false);
        wasAway = true;
        // The browser reconnects after a lost connection, but not after an answer without a stream.
        if (source.readyState !== EventSource.CLOSED) return;
        void client.invalidateQueries({ queryKey: sessionQuery.queryKey });
        retry = setTimeout(connect, reconnectMs);
      });
      source.addEventListener('changed', ({ data }: MessageEvent<string>) => {
        const { id } = JSON.parse(data) as Changed;
        void client.invalidateQueries({ queryKey: approvalQuery(id).queryKey });
        lists.soon();
        if (client.getQueryData(holdsQuery.queryKey)?.holds.some((hold) => hold.id === id))
          void client.invalidateQueries({ queryKey: holdsQuery.queryKey });
        onChanged(id);
      });
      source.addEventListener('counts', ({ data }: MessageEvent<string>) =>
        client.setQueryData(countsQuery.queryKey, JSON.parse(data) as Counts),
      );
      source.addEventListener('resync', () => readAllAgain(client));
    };
    connect();
    return () => {
      source.close();
      clearTimeout(retry);
      lists.stop();
    };
  }, [client, onChanged]);
  return isLive;
}

function readAllAgain(client: QueryClient): void {
  void client.invalidateQueries();
}

/** Runs `work` once for many calls in a row, never twice at a time. Calls during a run cause one more run. */
function gathered(work: () => Promise<void>): { soon: () => void; stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isWorking = false;
  let isWanted = false;
  const soon = () => {
    isWanted = true;
    if (isWorking) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      isWorking = true;
      isWanted = false;
      void work().finally(() => {
        isWorking = false;
        if (isWanted) soon();
      });
    }, gatherMs);
  };
  return { soon, stop: () => clearTimeout(timer) };
}
