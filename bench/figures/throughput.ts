import { inFlight } from '../measure/in-flight.ts';
import { median, spreadOf } from '../measure/spread.ts';
import type { Fact, Measurement } from '../measurement.ts';
import { cores, processorTime, programs, type ProcessorTime } from '../stage/processor-time.ts';
import { approve, ended, pauseFloor, pauseRuns, signalFloor } from '../stage/runs.ts';

/** Activities of a reviewed run: a turn and the request before the wait, the tool and a turn after it. */
const emptyActivities = { before: 2, after: 1 };
const decisionsAtOnce = 16;
/** Warm-up rounds: Node compiles hot code for longer than one round. */
const warmingUp = 2;

/** Whole runs per second, each paused in between. Reviewed runs go through review server and gateway. */
export const throughput: Measurement = {
  name: 'throughput of whole runs',
  figures: ['throughput', 'throughput-cluster'],
  async measure({ stage, scale, progress }) {
    const floor = await stage.startFloor();
    const holdpoint = await stage.startHoldpoint({ callbacks: 'gateway' });
    const perSecond = { floor: [] as Rates[], holdpoint: [] as Rates[] };
    for (let round = 1 - warmingUp; round <= scale.rounds; round += 1) {
      progress(round < 1 ? 'warming up' : `round ${round} of ${scale.rounds}`);
      const rates = {
        floor: await measureRates(
          () => pauseFloor(stage, floor, scale.throughputRuns, { ...emptyActivities, settleMs: 0 }),
          (item) => signalFloor(stage, item),
          (item) => ended(stage, item),
        ),
        holdpoint: await measureRates(
          () => pauseRuns(stage, holdpoint, scale.throughputRuns, 'act', { settleMs: 0 }),
          (run) => approve(stage, run),
          ({ item }) => ended(stage, item),
        ),
      };
      if (round < 1) continue;
      perSecond.floor.push(rates.floor);
      perSecond.holdpoint.push(rates.holdpoint);
    }
    await Promise.all([floor.stop(), holdpoint.stop()]);
    const ratios = perSecond.holdpoint.map(({ whole }, round) => whole / (perSecond.floor[round] as Rates).whole);
    const fact = (who: 'floor' | 'holdpoint', column: string, rate: (rates: Rates) => number): Fact => {
      const values = perSecond[who].map(rate);
      return {
        topic: 'Throughput of whole runs',
        name: names[who],
        column,
        unit: '1/s',
        value: median(values),
        spread: spreadOf(values),
      };
    };
    return {
      // A cluster with SQLite files, or the embedded server with PostgreSQL, has no goal.
      results:
        stage.isEmbedded === (stage.databases === 'sqlite')
          ? [
              {
                id: stage.isEmbedded ? 'throughput' : 'throughput-cluster',
                values: { '': median(ratios) },
                spreads: { '': spreadOf(ratios) },
              },
            ]
          : [],
      facts: (['floor', 'holdpoint'] as const).flatMap((who) => [
        fact(who, 'started and paused', ({ pause }) => pause),
        fact(who, 'decided and ended', ({ resume }) => resume),
        fact(who, 'from start to end', ({ whole }) => whole),
        fact(who, 'the same per core', ({ whole }) => whole / cores),
        ...processorFacts(who, perSecond[who]),
      ]),
    };
  },
};

const names = { floor: 'the bare floor with as many Activities', holdpoint: 'reviewed runs' };

/** Processor time of a whole run by program, and the sum. */
function processorFacts(who: keyof typeof names, rates: readonly Rates[]): Fact[] {
  const times = rates.flatMap(({ processor }) => processor ?? []);
  const sum = (time: ProcessorTime): number => programs.reduce((all, program) => all + time[program], 0);
  const fact = (name: string, values: number[]): Fact => ({
    topic: 'Processor time of a whole run',
    name,
    column: names[who],
    unit: 'ms',
    value: median(values),
    spread: spreadOf(values),
  });
  if (times.length === 0) return [];
  return [
    ...programs.map((program) =>
      fact(
        program,
        times.map((time) => time[program]),
      ),
    ),
    fact('all', times.map(sum)),
  ];
}

/** Runs a second, and milliseconds of processor time of a run. */
type Rates = { pause: number; resume: number; whole: number; processor: ProcessorTime | undefined };

async function measureRates<Run>(
  pause: () => Promise<Run[]>,
  decide: (run: Run) => Promise<void>,
  end: (run: Run) => Promise<void>,
): Promise<Rates> {
  const [began, processor] = [performance.now(), processorTime()];
  const runs = await pause();
  const paused = performance.now();
  await inFlight(runs, decisionsAtOnce, decide);
  await Promise.all(runs.map(end));
  const over = performance.now();
  const spent = processorTime();
  const rate = (ms: number) => (runs.length * 1000) / ms;
  return {
    pause: rate(paused - began),
    resume: rate(over - paused),
    whole: rate(over - began),
    processor:
      spent &&
      processor &&
      (Object.fromEntries(
        programs.map((program) => [program, (spent[program] - processor[program]) / runs.length]),
      ) as ProcessorTime),
  };
}
