import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { workflowBundle } from '../../src/worker/workflow-bundle.ts';

/**
 * The runs of a worker share one instance of each module of the Workflow code (`preloadModules`). State in a module would
 * reach from one run into another, and a replay would differ.
 */
it('Workflow modules keep no state', async () => {
  const { codePath } = await workflowBundle();
  const modules = [...readFileSync(codePath, 'utf8').matchAll(/^\/\*\*\*\/ "\.\/((?:src|packages)\/[^"]+\.ts)"/gm)].map(
    ([, path = '']) => path,
  );
  expect(modules).toEqual(expect.arrayContaining(['src/workflows/run.ts', 'src/domain/run.ts']));
  expect(modules.flatMap((path) => stateIn(path, readFileSync(path, 'utf8')))).toEqual([]);
});

it.each([
  'let count = 0;',
  'export let last: string | undefined;',
  'var seen = false;',
  'const seen = new Map<string, number>();',
  'const seen = new WeakSet();',
  "const names = new Set(['a']); export const add = (name: string) => names.add(name);",
  'const list: string[] = []; export const add = (name: string) => list.push(name);',
  'const counts = { all: 0 }; export const add = () => { counts.all += 1; };',
  'const counts = { all: 0 }; export const add = () => { counts.all++; };',
  "const counts: Record<string, number> = {}; export const add = () => { counts['all'] = 1; };",
  'const counts: Record<string, number> = {}; export const add = () => { delete counts.all; };',
  'const made = {}; export const add = () => Object.assign(made, { a: 1 });',
  'const name = /a/g; export const has = (text: string) => name.test(text);',
  'const name = /a/y; export const has = (text: string) => name.test(text);',
  'class Made { static count = 0; }',
])('finds the state in: %s', (source) => {
  expect(stateIn('made.ts', source)).toHaveLength(1);
});

const changes = new Set([
  'add',
  'clear',
  'delete',
  'fill',
  'pop',
  'push',
  'reverse',
  'set',
  'shift',
  'sort',
  'splice',
  'unshift',
]);

/** State that a module keeps between two calls, each with its place. */
function stateIn(path: string, text: string): string[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const report = (node: ts.Node) => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
    found.push(`${path}:${line + 1} ${node.getText(source).slice(0, 80)}`);
  };
  const constants = new Set<string>();
  for (const statement of source.statements) {
    if (ts.isVariableStatement(statement)) {
      if ((statement.declarationList.flags & ts.NodeFlags.Const) === 0) report(statement);
      for (const { name, initializer } of statement.declarationList.declarations) {
        if (ts.isIdentifier(name)) constants.add(name.text);
        if (initializer !== undefined && holdsState(initializer)) report(initializer);
      }
    }
    if (ts.isClassDeclaration(statement))
      statement.members
        .filter((member) => ts.isPropertyDeclaration(member))
        .filter(({ modifiers = [] }) => modifiers.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword))
        .forEach(report);
  }
  const isConstant = (node: ts.Expression): boolean =>
    ts.isIdentifier(node)
      ? constants.has(node.text)
      : (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) && isConstant(node.expression);
  const isPartOfOne = (node: ts.Expression) => !ts.isIdentifier(node) && isConstant(node);
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const { expression: on, name } = node.expression;
      if (isConstant(on) && changes.has(name.text)) report(node);
      if (on.getText(source) === 'Object' && /^(assign|define)/.test(name.text) && node.arguments[0] !== undefined)
        if (isConstant(node.arguments[0])) report(node);
    }
    if (ts.isBinaryExpression(node) && isAssignment(node.operatorToken.kind) && isPartOfOne(node.left)) report(node);
    if (ts.isPostfixUnaryExpression(node) && isPartOfOne(node.operand)) report(node);
    if (ts.isPrefixUnaryExpression(node) && isIncrement(node.operator) && isPartOfOne(node.operand)) report(node);
    if (ts.isDeleteExpression(node) && isPartOfOne(node.expression)) report(node);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function holdsState(initializer: ts.Expression): boolean {
  if (ts.isRegularExpressionLiteral(initializer)) return /\/[a-z]*[gy][a-z]*$/.test(initializer.text);
  return ts.isNewExpression(initializer) && /^(Map|WeakMap|WeakSet)$/.test(initializer.expression.getText());
}

function isAssignment(kind: ts.SyntaxKind): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}

function isIncrement(kind: ts.SyntaxKind): boolean {
  return kind === ts.SyntaxKind.PlusPlusToken || kind === ts.SyntaxKind.MinusMinusToken;
}
