/** A node of Babel's syntax tree, as far as it is looked at here. */
export interface SyntaxNode {
  readonly type: string;
  readonly loc?: { readonly start: { readonly line: number }; readonly end: { readonly line: number } };
  readonly leadingComments?: readonly { readonly type: string; readonly value: string }[];
  readonly [key: string]: unknown;
}

const NOT_CHILDREN = new Set([
  "leadingComments",
  "trailingComments",
  "innerComments",
  "loc",
  "extra",
  "errors",
]);

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && typeof (value as SyntaxNode).type === "string";
}

/** The nodes right below a node, in the order in which they are kept. */
export function childrenOf(node: SyntaxNode): readonly SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (const [key, value] of Object.entries(node)) {
    if (NOT_CHILDREN.has(key)) continue;
    if (Array.isArray(value)) for (const one of value) if (isNode(one)) children.push(one);
    if (isNode(value)) children.push(value);
  }
  return children;
}

/** The text of a name or of a string; undefined for what is computed. */
export function nameOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (typeof node.name === "string") return node.name;
  if (typeof node.value === "string" || typeof node.value === "number") return String(node.value);
  if (node.type === "PrivateName") return `#${nameOf(node.id)}`;
  if (node.type === "MemberExpression" || node.type === "OptionalMemberExpression") {
    const property = node.computed === true ? undefined : nameOf(node.property);
    return property === undefined ? nameOf(node.object) : `${nameOf(node.object) ?? "…"}.${property}`;
  }
  return node.type === "ThisExpression" ? "this" : undefined;
}

export function lineOf(node: SyntaxNode): number {
  return node.loc?.start.line ?? 1;
}
