import { setTimeout as sleep } from 'node:timers/promises';
import { machineMs } from '../measure/clock.ts';
import { inFlight } from '../measure/in-flight.ts';
import { quantile } from '../measure/spread.ts';
import type { Fact, Measurement } from '../measurement.ts';
import { approveSilently, pauseRuns, passCallback, signalDecided, type PausedRun } from '../stage/runs.ts';

/** Decisions in flight while saturation is measured. */
const width = 32;

type Taken = { answered: number[]; started: number[] };

/**
 * Highest rate of callbacks through to the tool's first line, and the latency at half of that rate. At that rate every
 * other decision bypasses the gateway, as a bare Signal to a run of the same kind, under the same load.
 */
export const gatewayLoad: Measurement = {
  name: 'callbacks at half of saturation',
  figures: ['gateway'],
  async measure({ stage, scale, progress }) {
    const worker = await stage.startHoldpoint({ callbacks: 'held' });
    const servers = { gateway: stage.gateway, 'review server': stage.reviewServer };
    const memory = async (column: string): Promise<Fact[]> =>
      await Promise.all(
        Object.entries(servers).map(async ([name, server]) => ({
          topic: 'Memory of the servers',
          name,
          column,
          unit: 'MB',
          value: await server.residentMB(),
        })),
      );
    const memoryBefore = await memory('before');
    progress('looking for the saturation');
    const saturating = await pauseRuns(stage, worker, scale.saturating);
    await approveSilently(stage, saturating);
    const began = performance.now();
    await inFlight(saturating, width, async (run) => {
      await passCallback(stage, run);
      await stage.firstLines.of(run.item);
    });
    const saturation = (saturating.length * 1000) / (performance.now() - began);

    const runs = await pauseRuns(stage, worker, 2 * scale.atHalf);
    await approveSilently(stage, runs);
    progress(`${(saturation / 2).toFixed(0)} decisions a second`);
    const callback: Taken = { answered: [], started: [] };
    const signal: Taken = { answered: [], started: [] };
    const under: Array<Promise<void>> = [];
    const from = machineMs();
    for (const [index, run] of runs.entries()) {
      // At fixed times, whether earlier ones were answered or not, so that a queue becomes visible.
      const due = from + (index * 1000) / (saturation / 2);
      await sleep(Math.max(0, due - machineMs()));
      under.push(index % 2 === 0 ? decide(run, due, passCallback, callback) : decide(run, due, signalDecided, signal));
    }
    await Promise.all(under);
    const memoryAfter = await memory(`after ${(saturating.length + runs.length).toLocaleString('en')} decisions`);
    await worker.stop();

    async function decide(run: PausedRun, due: number, act: typeof passCallback, taken: Taken): Promise<void> {
      await act(stage, run);
      taken.answered.push(machineMs() - due);
      taken.started.push((await stage.firstLines.of(run.item)) - due);
    }
    const topic = 'At half of saturation';
    const facts = [
      ['callback', callback],
      ['bare Signal', signal],
    ] as const;
    return {
      results: [{ id: 'gateway', values: { '': quantile(callback.answered, 0.99) / quantile(signal.answered, 0.99) } }],
      facts: [
        { topic, name: "saturation: callbacks carried to the tool's first line", unit: '1/s', value: saturation },
        ...facts.flatMap(([name, { answered, started }]) => [
          ...[0.5, 0.99].map((share) => ({
            topic,
            name: `${name} → answered`,
            column: `p${share * 100}`,
            unit: 'ms',
            value: quantile(answered, share),
          })),
          ...[0.5, 0.99].map((share) => ({
            topic,
            name: `${name} → tool`,
            column: `p${share * 100}`,
            unit: 'ms',
            value: quantile(started, share),
          })),
        ]),
        ...memoryBefore,
        ...memoryAfter,
      ],
    };
  },
};
