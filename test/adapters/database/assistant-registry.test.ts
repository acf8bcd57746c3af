import { expect, it } from 'vitest';
import { workerGoneAfterMs } from '../../../src/adapters/database/assistant-registry.ts';
import { describeOnBothDatabases } from './databases.ts';

const queue = { namespace: 'default', taskQueue: 'holdpoint' };
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
    await registry.publish({ ...queue, worker: 'old', assistants: ['comms'], at: now });
    await registry.publish({ ...queue, worker: 'new', assistants: ['comms', 'bill\'s "é"'], at: now });
    expect((await registry.known(queue, now))?.toSorted()).toEqual(['bill\'s "é"', 'comms']);
    await registry.remove('new');
    expect(await registry.known(queue, now)).toEqual(['comms']);
    expect(await registry.wasPublished(queue, 'bill\'s "é"')).toBe(true);
    await registry.publish({ ...queue, worker: 'old', assistants: ['renamed'], at: now });
    expect(await registry.live(queue, now)).toEqual(['renamed']);
  });

  it('worker killed → not live after two minutes; its names are known for a day while another runs', async (test) => {
    const { assistantRegistry: registry } = await kind.open(await kind.emptyUrl(test));
    await registry.publish({ ...queue, worker: 'killed', assistants: ['comms'], at: now });
    const later = now + workerGoneAfterMs;
    expect(await registry.live(queue, later)).toEqual([]);
    expect(await registry.known(queue, later)).toBeUndefined();
    await registry.publish({ ...queue, worker: 'other', assistants: ['billing'], at: later });
    expect((await registry.known(queue, later))?.toSorted()).toEqual(['billing', 'comms']);
    await registry.publish({ ...queue, worker: 'other', assistants: ['billing'], at: now + day + 1 });
    expect(await registry.known(queue, now + day + 1)).toEqual(['billing']);
    expect(await registry.wasPublished(queue, 'comms')).toBe(true);
  });

  it('another Task Queue or namespace → not mixed', async (test) => {
    const { assistantRegistry: registry } = await kind.open(await kind.emptyUrl(test));
    await registry.publish({ ...queue, worker: 'one', assistants: ['comms'], at: now });
    for (const other of [
      { ...queue, taskQueue: 'second' },
      { ...queue, namespace: 'second' },
    ]) {
      expect(await registry.known(other, now)).toBeUndefined();
      expect(await registry.wasPublished(other, 'comms')).toBe(false);
    }
  });
});
