import type { Measurement } from '../measurement.ts';
import { measureMemory } from './memory.ts';
import { watchWaitingRuns } from './waiting-events.ts';

/** Cost of a waiting run: events, and memory of a worker. */
export const waiting: Measurement = {
  name: 'what a waiting run costs',
  figures: ['waiting', 'memory'],
  async measure(bench) {
    const watched = await watchWaitingRuns(bench.stage);
    const memory = await measureMemory(bench);
    bench.progress('watching waiting runs for a minute');
    const events = await watched.eventsPerMinute(bench.scale.watchMs);
    const topic = `Memory of a worker with ${memory.waiting.toLocaleString('en')} waiting runs`;
    return {
      results: [
        { id: 'waiting', values: { events, evictedMB: memory.perEvicted } },
        {
          id: 'memory',
          values: { heapMB: memory.perCached, processMB: memory.grown.cached / memory.waiting },
        },
      ],
      facts: [
        { topic, name: 'what JavaScript holds for 1,000 of them, cached', unit: 'MB', value: 1000 * memory.perCached },
        {
          topic,
          name: 'process: growth by starting and keeping them, garbage included',
          unit: 'MB',
          value: memory.grown.cached,
        },
        { topic, name: 'process: growth by starting and evicting as many', unit: 'MB', value: memory.grown.evicted },
        { topic, name: 'process: a fresh worker where none waits', unit: 'MB', value: memory.fresh.without },
        { topic, name: 'process: a fresh worker where they wait, evicted', unit: 'MB', value: memory.fresh.beside },
      ],
    };
  },
};
