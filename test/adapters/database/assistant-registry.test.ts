import { expect, it } from 'vitest';
import { workerGoneAfterMs } from '../../../src/adapters/database/assistant-registry.ts';
import { describeOnBothDatabases } from './databases.ts';

const queue = { namespace: 'default', taskQueue: 'holdpoint' };
/** A worker of this release. */
const newest = { ...queue, localRequests: true };
const now = 1_795_000_000_000;
const day = 24 * 60 * 60 * 1000;

describeOnBothDatabases('assistants of the workers', (kind) => {
  it('no worker → nothing is known', async (test) => {
    const { assistantRegistry: registry } = await kind.open(await kind.emptyUrl(test));
    expect(await registry.known(queue, now)).toBeUndefined();
    expect(await registry.live(queue, now)).toEqual([]);
    expect(await registry.wasPublished(queue, 'comms')).toBe(false);
  });

  it('workers with different configs → the names of all', async (test) => {
    const { assistantRegistry: registry } = await kind.open(await kind.emptyUrl(test));
    await registry.publish({ ...newest, worker: 'old', assistants: ['comms'], at: now });
    await registry.publish({ ...newest, worker: 'new', assistants: ['comms', 'bill\'s "é"'], at: now });
    expect((await registry.known(queue, now))?.toSorted()).toEqual(['bill\'s "é"', 'comms']);
    await registry.remove('new');
    expect(await registry.known(queue, now)).toEqual(['comms']);
    expect(await registry.wasPublished(queue, 'bill\'s "é"')).toBe(true);
    await registry.publish({ ...newest, worker: 'old', assistants: ['renamed'], at: now });
    expect(await registry.live(queue, now)).toEqual(['renamed']);
  });

  it('worker killed → not live after two minutes; its names are known for a day while another runs', async (test) => {
    const { assistantRegistry: registry } = await kind.open(await kind.emptyUrl(test));
    await registry.publish({ ...newest, worker: 'killed', assistants: ['comms'], at: now });
    const later = now + workerGoneAfterMs;
    expect(await registry.live(queue, later)).toEqual([]);
    expect(await registry.known(queue, later)).toBeUndefined();
    await registry.publish({ ...newest, worker: 'other', assistants: ['billing'], at: later });
    expect((await registry.known(queue, later))?.toSorted()).toEqual(['billing', 'comms']);
    await registry.publish({ ...newest, worker: 'other', assistants: ['billing'], at: now + day + 1 });
    expect(await registry.known(queue, now + day + 1)).toEqual(['billing']);
    expect(await registry.wasPublished(queue, 'comms')).toBe(true);
  });

  it('decisions are requested locally only if all workers know it, those killed within a day too', async (test) => {
    const { assistantRegistry: registry } = await kind.open(await kind.emptyUrl(test));
    expect(await registry.requestsLocally(queue, now)).toBe(false);
    await registry.publish({ ...newest, worker: 'new', assistants: ['comms'], at: now });
    expect(await registry.requestsLocally(queue, now)).toBe(true);
    expect(await registry.requestsLocally({ ...queue, taskQueue: 'second' }, now)).toBe(false);
    await registry.publish({ ...newest, localRequests: false, worker: 'earlier', assistants: ['comms'], at: now });
    expect(await registry.requestsLocally(queue, now)).toBe(false);
    const later = now + workerGoneAfterMs;
    await registry.publish({ ...newest, worker: 'new', assistants: ['comms'], at: later });
    expect(await registry.requestsLocally(queue, later)).toBe(false);
    await registry.remove('earlier');
    expect(await registry.requestsLocally(queue, later)).toBe(true);
    expect(await registry.requestsLocally(queue, later + workerGoneAfterMs)).toBe(false);
  });

  it('another Task Queue or namespace → not mixed', async (test) => {
    const { assistantRegistry: registry } = await kind.open(await kind.emptyUrl(test));
    await registry.publish({ ...newest, worker: 'one', assistants: ['comms'], at: now });
    for (const other of [
      { ...queue, taskQueue: 'second' },
      { ...queue, namespace: 'second' },
    ]) {
      expect(await registry.known(other, now)).toBeUndefined();
      expect(await registry.wasPublished(other, 'comms')).toBe(false);
    }
  });
});
