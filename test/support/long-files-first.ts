import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Folders of files that mostly wait for processes to start: begun last, they would keep one worker busy alone. */
const long = [/\/test\/e2e\//, /\/test\/faults\//, /\/test\/cli\/dev\./, /\/test\/embedded\//, /\/test\/replay\//, /\/test\/review-server\/(inbox|delivery)\./];

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
