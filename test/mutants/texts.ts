import type { Mutant } from './mutant.ts';

const parseJson = 'packages/json/src/parse-json.ts';
const parsing = 'packages/json/test/parse-json.test.ts';
const literal = 'packages/review-server/src/contract/literal-parts.ts';
const literalTest = 'packages/review-server/test/literal-parts.test.ts';

/** Texts and numbers: everyone reads the same, and secrets stay out of sight. */
export const texts: readonly Mutant[] = [
  {
    name: 'exact numbers of the model',
    promise: 'A number that JavaScript would change is refused.',
    mechanism: 'The written digits are compared with those that JavaScript keeps',
    changes: [
      {
        file: parseJson,
        find: 'if (Object.is(value, -0) || decimalOf(written) !== decimalOf(String(value))) refuse',
        replace: 'if (Object.is(value, -0)) refuse',
      },
    ],
    test: { file: parsing, name: '9007199254740993 → refused with its value' },
  },
  {
    name: 'exact numbers at the gateway',
    promise: 'A number in a request to the gateway is kept or refused.',
    mechanism: 'The body is parsed exactly before any route',
    changes: [{ file: 'src/gateway/app.ts', find: "  app.use('/v1/*', exactBodies);\n", replace: '' }],
    test: { file: 'test/gateway/exact-bodies.test.ts', name: '→ 400 that names the path, and nothing starts' },
  },
  {
    name: 'exact numbers at the review server',
    promise: 'A number in an edit is kept or refused.',
    mechanism: 'The body is parsed exactly',
    changes: [
      {
        file: 'packages/review-server/src/api/read-body.ts',
        find: 'return plainJson(exact);',
        replace: 'return JSON.parse(text) as Json;',
      },
    ],
    test: {
      file: 'packages/review-server/test/exact-bodies.test.ts',
      name: 'in an edit → 400 that names the path, and the request stays open',
    },
  },
  {
    name: 'names that stand twice',
    promise: 'JSON that programs read differently is refused.',
    mechanism: 'A name may stand once in an object, in any spelling',
    changes: [
      { file: parseJson, find: '  if (path) refuse(path,', replace: '  if (path && path.length > 1_000) refuse(path,' },
    ],
    test: { file: parsing, name: 'a name of any object, written once more in any form → refused' },
  },
  {
    name: 'well-formed Unicode',
    promise: 'Text that is not Unicode is refused.',
    mechanism: 'Half of a surrogate pair is refused with its path',
    changes: [
      { file: parseJson, find: 'if (!value.isWellFormed()) refuse', replace: "if (value === '\\ud800') refuse" },
    ],
    test: { file: parsing, name: 'half a character' },
  },
  {
    name: 'depth of JSON',
    promise: 'Deeply nested JSON stops no process.',
    mechanism: 'More than 500 levels are refused',
    changes: [{ file: parseJson, find: 'const mostLevels = 500;', replace: 'const mostLevels = 500_000;' }],
    test: { file: parsing, name: 'times → refused' },
  },
  {
    name: 'look-alike characters',
    promise: 'A letter that looks like another is shown by its number.',
    mechanism: 'Look-alikes by Unicode Technical Standard 39 are marked',
    changes: [
      {
        file: literal,
        find: "  for (const { character, index } of lookalikesIn(text)) mark(index, character, 'lookalike');\n",
        replace: '',
      },
    ],
    test: { file: literalTest, name: 'Cyrillic letter in a Latin word → marked' },
  },
  {
    name: 'invisible characters',
    promise: 'A character that is drawn as nothing or turns the text is shown.',
    mechanism: 'Controls, formats and foreign spaces are marked',
    changes: [
      {
        file: literal,
        find: "if (character !== '\\n') mark(index, character, 'invisible');",
        replace: "if (character === '') mark(index, character, 'invisible');",
      },
    ],
    test: { file: literalTest, name: 'direction override → marked' },
  },
  {
    name: 'controls in a terminal',
    promise: 'Text of a model does not control the terminal.',
    mechanism: 'Control characters become escapes',
    changes: [
      {
        file: 'src/cli/plain.ts',
        find: "return text.replaceAll(controlling, (found) => (found === '\\n' || found === '\\t' ? found : escaped(found)));",
        replace: "return text.replaceAll(controlling, (found) => (found === '' ? escaped(found) : found));",
      },
    ],
    test: { file: 'test/cli/run-commands.test.ts', name: 'control characters from a model → escaped' },
  },
  {
    name: 'links in a chat message',
    promise: 'A request can’t write a link or a mention into a chat.',
    mechanism: 'The three characters of the chat’s markup are escaped',
    changes: [
      {
        file: 'packages/review-server/src/notify/slack-message.ts',
        find: "    .replaceAll('<', '&lt;')\n",
        replace: '',
      },
    ],
    test: {
      file: 'packages/review-server/test/notifications.test.ts',
      name: 'notification → the link, no arguments; texts can’t become links or mentions',
    },
  },
  {
    name: 'secrets of the settings',
    promise: 'Keys appear in no log and no error.',
    mechanism: 'Log lines are searched for the value of each secret',
    changes: [
      {
        file: 'packages/process/src/redact.ts',
        find: 'for (const secret of known) {',
        replace: 'for (const secret of known.keys().take(0)) {',
      },
    ],
    test: {
      file: 'packages/process/test/redact.test.ts',
      name: 'value of a Secret, also as JSON writes it → [secret]',
    },
  },
  {
    name: 'secrets in foreign words',
    promise: 'Keys in the errors of other programs appear in no log.',
    mechanism: 'Text that has the form of a key is replaced',
    changes: [
      {
        file: 'packages/process/src/redact.ts',
        find: 'for (const [shape, replacement] of shapes) clean',
        replace: 'for (const [shape, replacement] of shapes.slice(0, 1)) clean',
      },
    ],
    test: { file: 'packages/process/test/redact.test.ts', name: 'Authorization: Bearer abcdef.123456' },
  },
  {
    name: 'secrets in JSON',
    promise: 'Settings that are written as JSON show no key.',
    mechanism: 'A Secret writes itself as [secret]',
    changes: [
      {
        file: 'packages/process/src/secret.ts',
        find: "  toJSON(): string {\n    return '[secret]';",
        replace: '  toJSON(): string {\n    return String(this.#value);',
      },
    ],
    test: { file: 'test/config/read-config.test.ts', name: 'secrets → never in logs, JSON or text' },
  },
  {
    name: 'time of uniqueItems',
    promise: 'A long list in a tool’s arguments does not stop the worker.',
    mechanism: '`uniqueItems` is checked in linear time',
    changes: [
      {
        file: 'packages/json/src/json-schema.ts',
        find: 'return items.some((item) => seen.size === seen.add(stableJson(item)).size);',
        replace:
          'return items.some((item, index) => seen.size < 0 || items.slice(0, index).some((other) => stableJson(other) === stableJson(item)));',
      },
    ],
    test: {
      file: 'packages/json/test/json-schema.test.ts',
      name: 'uniqueItems over 20,000 objects → answered in linear time',
    },
  },
];
