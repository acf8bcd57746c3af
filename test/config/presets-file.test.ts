import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readPresetsFile } from '../../src/config/presets-file.ts';

function fileWith(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-presets-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'presets.json');
  writeFileSync(path, text);
  return path;
}

it('file of quick notes → by language', () => {
  const presets = { fr: { approve: ['Vérifié'], reject: ['Pas nécessaire'] }, 'pt-BR': { reject: ['Não'] } };
  expect(readPresetsFile(fileWith(JSON.stringify(presets)))).toEqual(presets);
  expect(readPresetsFile(fileWith(`\uFEFF${JSON.stringify(presets)}`))).toEqual(presets);
});

it.for([
  ['{', 'is not valid JSON'],
  ['[]', 'is wrong'],
  ['{"fr": {}, "fr": {}}', 'stands twice'],
  ['{"french": {}}', 'must be a language such as en, de or pt-BR'],
  ['{"fr": {"reject": "Non"}}', 'fr.reject'],
  ['{"fr": {"accept": ["Oui"]}}', 'accept'],
] as const)('file with %s → refused: %s', ([text, problem]) => {
  const path = fileWith(text);
  expect(() => readPresetsFile(path)).toThrow(problem);
  expect(() => readPresetsFile(path)).toThrow(`HOLDPOINT_REVIEW_PRESETS: the file ${path}`);
});

it('no such file → refused with its path', () => {
  expect(() => readPresetsFile('/no/such/presets.json')).toThrow('the file /no/such/presets.json can’t be read');
});
