import { childrenOf, isNode, lineOf, type SyntaxNode } from "./syntax-node.js";

export interface ImportFact {
  readonly specifier: string;
  readonly line: number;
}

const FROM = new Set(["ImportDeclaration", "ExportNamedDeclaration", "ExportAllDeclaration"]);

/** What a file imports under a fixed name, in any of the forms of JavaScript and TypeScript. */
export function importsOf(program: SyntaxNode): readonly ImportFact[] {
  const found: ImportFact[] = [];
  const visit = (node: SyntaxNode): void => {
    const source = sourceOf(node);
    if (isNode(source) && source.type === "StringLiteral")
      found.push({ specifier: String(source.value), line: lineOf(node) });
    for (const child of childrenOf(node)) visit(child);
  };
  visit(program);
  return found;
}

function sourceOf(node: SyntaxNode): unknown {
  if (FROM.has(node.type) || node.type === "ImportExpression") return node.source;
  if (node.type === "TSExternalModuleReference") return node.expression;
  if (node.type === "TSImportType") return node.argument;
  if (node.type !== "CallExpression" || !isNode(node.callee)) return undefined;
  const { callee } = node;
  const isRequire =
    callee.type === "Import" ||
    callee.name === "require" ||
    (isNode(callee.object) && callee.object.name === "require" && isNamed(callee.property, "resolve")) ||
    (isNode(callee.object) && callee.object.type === "MetaProperty" && isNamed(callee.property, "resolve"));
  return isRequire ? (node.arguments as readonly unknown[])[0] : undefined;
}

function isNamed(node: unknown, name: string): boolean {
  return isNode(node) && node.name === name;
}
