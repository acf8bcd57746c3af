import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { changedEventSchema, Counts } from '../../src/contract/reviewer-api.ts';
import { approvalQuery, countsQuery, sessionQuery } from './queries.ts';

type Changed = (typeof changedEventSchema)['_output'];

const GATHER_MS = 300;
const RECONNECT_MS = 2000;

/**
 * Keeps what is shown up to date by the server's events. Nothing is lost while the connection is away: on its return
 * everything shown is read again. Returns whether it stands.
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
        if (wasAway) readAllAgain(client);
        wasAway = false;
      });
      source.addEventListener('error', () => {
        setLive(false);
        wasAway = true;
        // The browser itself connects again after a lost connection, but not after an answer that was no stream.
        if (source.readyState !== EventSource.CLOSED) return;
        void client.invalidateQueries({ queryKey: sessionQuery.queryKey });
        retry = setTimeout(connect, RECONNECT_MS);
      });
      source.addEventListener('changed', ({ data }: MessageEvent<string>) => {
        const { id } = JSON.parse(data) as Changed;
        void client.invalidateQueries({ queryKey: approvalQuery(id).queryKey });
        lists.soon();
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

/** Does the work once for many calls in a row, never twice at a time, and once more for calls that came meanwhile. */
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
    }, GATHER_MS);
  };
  return { soon, stop: () => clearTimeout(timer) };
}
