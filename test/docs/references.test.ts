import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { createRunIo } from '../../src/cli/run-io.ts';
import { fileVariableOf, secretVariables } from '../../src/config/secret-files.ts';
import { variableNames } from '../../src/config/settings.ts';
import { documentNamed, documents, headings, ownLinks, root } from './documents.ts';

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
/** Variables that a process reads. A secret may stand in a file. */
const readNames = [...variableNames, ...secretVariables.map(fileVariableOf)];
const program = createProgram({ version: '1', description: 'test' }, createRunIo({}, root));

/** Options of every command, from the top of `--help`. */
const topOptions =
  execFileSync(process.execPath, ['--conditions=holdpoint-source', join(root, 'src/cli.ts'), '--help'], {
    encoding: 'utf8',
  }).match(/--[a-z][a-z-]*/g) ?? [];

/** The problem of a command line in a document, or undefined. */
function problemOf(line: string): string | undefined {
  const words = line.split(/\s+/);
  while (words[0]?.startsWith('--')) words.splice(0, words[0] === '--env' ? 2 : 1);
  let command: Command = program;
  while (command.commands.length > 0 && words[0] !== undefined && words[0] !== '…') {
    const below = command.commands.find((each) => each.name() === words[0]);
    if (below === undefined) return `"${line}": there is no command "${words[0]}"`;
    command = below;
    words.shift();
  }
  const known = [...topOptions, ...command.options.flatMap(({ long }) => long ?? [])];
  const options = line.replaceAll(/'[^']*'|"[^"]*"/g, '').match(/--[a-z][a-z-]*/g) ?? [];
  const unknown = options.find((option) => !known.includes(option));
  return unknown === undefined ? undefined : `"${line}": there is no option ${unknown}`;
}

/** The commands `npx holdpoint …` and `holdpoint …` of a document. */
function commandsIn(text: string): string[] {
  return [...text.matchAll(/(?:npx holdpoint|`holdpoint) ([^`\n]+)/g)].map(([, rest]) =>
    String(rest)
      .split(/ +#| {2,}|;|&&|, then/)[0]!
      .trim(),
  );
}

describe('documents', () => {
  it('all main documents exist', () => {
    expect(documents.map(({ file }) => file)).toEqual(
      expect.arrayContaining([
        'README.md',
        'ARCHITECTURE.md',
        'CONTRIBUTING.md',
        'CHANGELOG.md',
        'docs/errors.md',
        'docs/operating.md',
        'docs/security.md',
        'docs/tools.md',
        'docs/cheqpoint.md',
      ]),
    );
  });

  it.each(documents)('$file: every link has a target', (document) => {
    const broken = ownLinks(document).filter(({ path, heading }) => {
      if (!existsSync(join(root, path))) return true;
      return heading !== undefined && !headings(documentNamed(path)).includes(heading);
    });
    expect(broken).toEqual([]);
  });

  it.each(documents)('$file: every file name exists', ({ text }) => {
    const named = [...text.matchAll(/`((?:src|packages|test|deploy|examples|demo|scripts|docs)\/[\w./-]*\w)`/g)].map(
      ([, path]) => String(path),
    );
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it.each(documents)('$file: every npm script exists', ({ text }) => {
    const named = [...text.matchAll(/\bnpm run (?:-s )?([a-z][a-z:-]*)/g)].map(([, name]) => String(name));
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });

  it.each(documents)('$file: every variable is read by a process', ({ text }) => {
    const named = [...text.matchAll(/\b(?:HOLDPOINT|CHEQPOINT|OPENAI)_[A-Z_]+/g)].map(([name]) => name);
    expect([...new Set(named)].filter((name) => !readNames.includes(name))).toEqual([]);
  });

  it.each(documents)('$file: every command and option exists', ({ text }) => {
    expect(commandsIn(text).flatMap((line) => problemOf(line) ?? [])).toEqual([]);
  });

  it('every entry of package.json files exists', () => {
    const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { files: string[] };
    const missing = (file: string) => globSync(file.replace(/^!/, ''), { cwd: root }).length === 0;
    expect(files.filter((file) => file !== 'dist' && missing(file))).toEqual([]);
  });

  it('decisions: numbered without gaps, four sections each', () => {
    const pages = globSync('docs/decisions/*.md', { cwd: root }).toSorted();
    expect(pages.map((page) => Number(/(\d{4})-/.exec(page)?.[1]))).toEqual(pages.map((_, index) => index + 1));
    for (const page of pages)
      expect(documentNamed(page)).toMatch(
        /\*\*Problem\.\*\*[\s\S]*\*\*Choice\.\*\*[\s\S]*\*\*Alternatives\.\*\*[\s\S]*\*\*Consequences\.\*\*/,
      );
  });
});
