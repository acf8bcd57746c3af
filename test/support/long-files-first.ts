import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take long, mostly because they wait: begun last, one of them would keep one worker busy alone. */
const long = [
  /\/test\/conformance\//,
  /\/test\/cli\/dev\./,
  /\/review-server\/test\/(?:inbox\/|delivery\.)/,
  /\/test\/properties\//,
  /\/test\/workflows\/(?:hosted|once-tools|gates-inputs|lost-callbacks)\./,
  /\/test\/python-sdk\//,
  /\/test\/cheqpoint\//,
  /\/test\/e2e\//,
  /\/test\/faults\//,
  /\/test\/bench\//,
  /\/test\/embedded\//,
  /\/test\/replay\//,
];

/** Starts the longest files first; the others in vitest's own order. */
export default class LongFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const found = long.findIndex((pattern) => pattern.test(moduleId));
      return found < 0 ? long.length : found;
    };
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}
