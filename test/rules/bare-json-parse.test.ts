import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** Files that parse text of Holdpoint's own, or text whose values reach no tool. Text from outside goes through `parseJson`. */
const allowed = [
  /^packages\/json\//,
  /^packages\/openai-stand-in\//,
  /^packages\/client\/src\/(gateway-connection|watch-run)\.ts$/,
  /^packages\/cheqpoint\/src\/(http\/read-answer|client\/check-input)\.ts$/,
  /^packages\/review-server\/(src\/store|inbox\/api\/live\.ts|inbox\/approval\/details\.ts|src\/contract\/typed-condition\.ts)/,
  /^src\/(adapters|embedded|signing|assistant|cli|domain)\//,
  /^src\/(activities\/(arguments|payloads|take-turn|review-policy|run-tool)|gateway\/callback-routes|cli)\.ts$/,
];

it('bare JSON.parse → only in files that read no arguments from outside', () => {
  const files = execFileSync('git', ['ls-files', 'src', 'packages'], { encoding: 'utf8' })
    .split('\n')
    .filter((file) => /\.tsx?$/.test(file) && !/\/test\//.test(file));
  const found = files.filter((file) => /\bJSON\.parse\(/.test(readFileSync(file, 'utf8')));
  expect(found.filter((file) => !allowed.some((pattern) => pattern.test(file)))).toEqual([]);
  // A border that parses exactly does not need an entry.
  expect(found).not.toContain('packages/review-server/src/api/read-body.ts');
});
