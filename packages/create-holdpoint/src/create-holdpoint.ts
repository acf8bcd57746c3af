#!/usr/bin/env node
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createProject, exampleNames, nextSteps } from './index.ts';

/** `npm create holdpoint`: `holdpoint init` before Holdpoint is installed. */
const examples = fileURLToPath(new URL('../examples/', import.meta.url));

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { example: { type: 'string', default: 'refund' }, help: { type: 'boolean', short: 'h', default: false } },
  });
  if (positionals.length > 1) throw new Error(`Name one folder, not ${positionals.length}: ${positionals.join(', ')}.`);
  if (values.help)
    process.stdout.write(
      `Usage: npm create holdpoint [FOLDER] -- [--example NAME]\nExamples: ${exampleNames(examples).join(', ')}\n`,
    );
  else {
    const folder = resolve(positionals[0] ?? '.');
    process.stdout.write(nextSteps(createProject({ folder, example: values.example, examples })));
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
