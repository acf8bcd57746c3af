import { usageExitCode } from '@holdpoint/process';

/** The settings or the command line are wrong. The message lists all problems, one a line, without any value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly exitCode = usageExitCode;
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      problems.length === 1
        ? `${problems[0]}`
        : `${problems.length} settings need attention:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
    this.problems = problems;
  }
}
