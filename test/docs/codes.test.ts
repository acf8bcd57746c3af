import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { failures } from '../../src/domain/failures.ts';
import { restErrors } from '../../src/schemas/rest-error.ts';
import { documentNamed, root, tableRows } from './documents.ts';

const rows = tableRows(documentNamed('docs/errors.md'));
const effects = { retry: 'retried', park: 'parked', fail: 'fails' } as const;

it('docs/errors.md: every failure → its effect on the run', () => {
  const documented = rows
    .filter(([type]) => /^`[A-Z][A-Za-z]+`$/.test(type!))
    .map(([type, , effect]) => [type!.slice(1, -1), effect]);
  expect(Object.fromEntries(documented)).toEqual(
    Object.fromEntries(Object.entries(failures).map(([type, { effect }]) => [type, effects[effect]])),
  );
});

it("docs/errors.md: gateway's error codes → all, with status and sentence", () => {
  const documented = rows
    .filter(([code, status]) => /^`[a-z-]+`$/.test(code!) && /^\d{3}$/.test(status!))
    .map(([code, status, says]) => [code!.slice(1, -1), Number(status), says!.replaceAll('`', '')]);
  expect(documented).toEqual(
    Object.entries(restErrors).map(([code, { status, says }]) => [code, status, says.replaceAll('`', '')]),
  );
});

it('docs/errors.md: exit codes of the command → all, and no other', () => {
  const inSource = globSync(
    ['src/cli.ts', 'src/cli/*.ts', 'packages/process/src/run-process.ts', 'src/{worker,gateway,review-server}.ts'],
    { cwd: root },
  )
    .flatMap((file) => [
      ...readFileSync(join(root, file), 'utf8').matchAll(/(?:process\.exit|setExitCode)\((.*)\)|[eE]xitCode = (\d+)/g),
    ])
    .flatMap(([, argument = '', constant = '']) => `${argument} ${constant}`.match(/(?<![\w.])\d+/g) ?? []);
  const documented = rows.filter(([code]) => /^\d{1,3}$/.test(code!)).map(([code]) => Number(code));
  expect(documented).toEqual([...new Set(inSource.map(Number))].toSorted((one, other) => one - other));
});
