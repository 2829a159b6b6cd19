import { parseSync, Visitor, type ESTree } from 'rolldown/utils';

/** One import of a file, `export … from` and types in import form too. */
export type SourceImport = { specifier: string; typeOnly: boolean; line: number };

/** A use of the clock, of randomness or of the surroundings. */
export type Impurity = { what: string; line: number };

const SURROUNDINGS: ReadonlySet<string> = new Set([
  'process', 'performance', 'crypto', 'fetch', 'console', 'setTimeout', 'setInterval', 'setImmediate', 'globalThis',
]);
const READS_CLOCK: ReadonlySet<string> = new Set(['Date.now', 'Math.random']);

/** What a TypeScript file imports, and what it takes from outside without an import. */
export function readSource(path: string, source: string): { imports: SourceImport[]; impurities: Impurity[] } {
  const { program, errors } = parseSync(path, source);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const lineOf = (node: ESTree.Span) => source.slice(0, node.start).split('\n').length;
  const imports: SourceImport[] = [];
  const impurities: Impurity[] = [];
  const add = (node: ESTree.Span, from: { value: string } | null, typeOnly: boolean) => {
    if (from) imports.push({ specifier: from.value, typeOnly, line: lineOf(node) });
  };
  const impure = (node: ESTree.Span, what: string) => impurities.push({ what, line: lineOf(node) });

  new Visitor({
    ImportDeclaration(node) {
      const named = node.specifiers ?? [];
      const onlyTypes = named.length > 0 && named.every((entry) => entry.type === 'ImportSpecifier' && entry.importKind === 'type');
      add(node, node.source, node.importKind === 'type' || onlyTypes);
    },
    ExportNamedDeclaration: (node) => add(node, node.source, node.exportKind === 'type'),
    ExportAllDeclaration: (node) => add(node, node.source, node.exportKind === 'type'),
    TSImportType: (node) => add(node, node.source, true),
    ImportExpression(node) {
      const { source: from } = node;
      add(node, from.type === 'Literal' && typeof from.value === 'string' ? { value: from.value } : { value: '(computed)' }, false);
    },
    MemberExpression(node) {
      const { object, property } = node;
      if (object.type !== 'Identifier' || property.type !== 'Identifier') return;
      const what = `${object.name}.${property.name}`;
      if (READS_CLOCK.has(what)) impure(node, what);
    },
    NewExpression(node) {
      if (node.callee.type === 'Identifier' && node.callee.name === 'Date' && node.arguments.length === 0) impure(node, 'new Date()');
    },
    Identifier(node) {
      if (SURROUNDINGS.has(node.name)) impure(node, node.name);
    },
  }).visit(program);
  return { imports, impurities };
}
