/** A protection, the edit that takes it out of the source, and the test that must fail then. */
export type Mutant = {
  /** Unique, for `--only`. */
  name: string;
  /** The promise of the product, one sentence for docs/security.md. */
  promise: string;
  /** How the product keeps it. */
  mechanism: string;
  /** More than one where several layers keep the promise. */
  changes: readonly [Change, ...Change[]];
  test: NamedTest;
};

/** Replaces `find`, which occurs exactly once in the file. Paths are relative to the repository. */
export type Change = { file: string; find: string; replace: string };

/**
 * All tests of the file whose full name contains `name`. For `it.each` the row, the title, or both. `suite`: the begin of
 * the full name, where a file has its tests once for each database.
 */
export type NamedTest = { file: string; name: string; suite?: string };
