import { childrenOf, lineOf, nameOf, type SyntaxNode } from "./syntax-node.js";

export interface FunctionFact {
  /** Its own, or of what it is assigned or given to. */
  readonly name: string;
  readonly line: number;
  readonly lines: number;
  /** McCabe's: one, and one more for each place where the way parts. What is nested in it counts for itself. */
  readonly complexity: number;
}

const FUNCTIONS = new Set([
  "FunctionDeclaration",
  "FunctionExpression",
  "ArrowFunctionExpression",
  "ObjectMethod",
  "ClassMethod",
  "ClassPrivateMethod",
]);
const BRANCHES = new Set([
  "IfStatement",
  "ConditionalExpression",
  "ForStatement",
  "ForInStatement",
  "ForOfStatement",
  "WhileStatement",
  "DoWhileStatement",
  "CatchClause",
  "LogicalExpression",
]);

export function functionsOf(program: SyntaxNode): readonly FunctionFact[] {
  const found: FunctionFact[] = [];
  // Returns the branches that belong to the function around.
  const visit = (node: SyntaxNode, parent: SyntaxNode, owner: string | undefined): number => {
    const within = node.type.startsWith("Class") && nameOf(node.id) ? nameOf(node.id) : owner;
    let branches = isBranch(node) ? 1 : 0;
    for (const child of childrenOf(node)) branches += visit(child, node, within);
    if (!FUNCTIONS.has(node.type)) return branches;
    // A declaration without a body is an overload.
    if (node.body !== undefined && node.body !== null) {
      const lines = (node.loc?.end.line ?? 0) - lineOf(node) + 1;
      found.push({ name: titleOf(node, parent, owner), line: lineOf(node), lines, complexity: branches + 1 });
    }
    return 0;
  };
  visit(program, program, undefined);
  return found;
}

function isBranch(node: SyntaxNode): boolean {
  if (node.type === "SwitchCase") return node.test !== null && node.test !== undefined;
  if (node.type === "AssignmentExpression") return ["&&=", "||=", "??="].includes(node.operator as string);
  return BRANCHES.has(node.type);
}

function titleOf(node: SyntaxNode, parent: SyntaxNode, owner: string | undefined): string {
  const own = nameOf(node.id) ?? nameOf(node.key);
  if (own !== undefined) return node.type.startsWith("Class") && owner ? `${owner}.${own}` : own;
  switch (parent.type) {
    case "VariableDeclarator":
      return nameOf(parent.id) ?? "anonymous";
    case "ObjectProperty":
    case "ClassProperty":
    case "ClassPrivateProperty":
    case "ClassAccessorProperty":
      return nameOf(parent.key) ?? "anonymous";
    case "AssignmentExpression":
      return nameOf(parent.left) ?? "anonymous";
    case "ExportDefaultDeclaration":
      return "default";
    case "CallExpression":
    case "NewExpression":
      return `callback of ${nameOf(parent.callee) ?? "a call"}`;
    default:
      return "anonymous";
  }
}
