import { BaseSequencer, type TestSpecification } from 'vitest/node';
import fileSeconds from './file-seconds.json' with { type: 'json' };

/** Seconds that files took in a whole run on two quiet cores. `npm run test:all -- --record` writes them. */
const recorded: ReadonlyArray<readonly [string, number]> = Object.entries(fileSeconds);

/** Files that keep a core busy, with Chromium. The others mostly wait. */
const busy = /\/review-server\/test\/inbox\/|\/in-chromium\.|\/gateway-keys-page\.|\/test\/properties\//;

/**
 * Starts the longest files first, so that none is left alone at the end. Busy files are spread over the whole run: side by
 * side they would share the cores, which would idle afterwards.
 */
export default class LongFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return spread((await super.sort(files)).map((file) => ({ file, seconds: secondsOf(file.moduleId) })));
  }
}

function secondsOf(path: string): number {
  return recorded.find(([file]) => path.endsWith(`/${file}`))?.[1] ?? 1;
}

function spread(files: ReadonlyArray<{ file: TestSpecification; seconds: number }>): TestSpecification[] {
  const longestFirst = files.toSorted((one, other) => other.seconds - one.seconds);
  const kinds = [true, false].map((isBusy) => {
    const left = longestFirst.filter(({ file }) => busy.test(file.moduleId) === isBusy);
    return { left, total: left.reduce((sum, { seconds }) => sum + seconds, 0), begun: 0 };
  });
  return longestFirst.map(() => {
    const [next] = kinds
      .filter(({ left }) => left.length > 0)
      .toSorted((one, other) => one.begun / one.total - other.begun / other.total);
    const { file, seconds } = next!.left.shift()!;
    next!.begun += seconds;
    return file;
  });
}
