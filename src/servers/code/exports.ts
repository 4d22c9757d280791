import { isNode, lineOf, nameOf, type SyntaxNode } from "./syntax-node.js";

export interface ExportFact {
  readonly name: string;
  readonly line: number;
  /** A comment that begins with two asterisks stands before it; of a type, before half of its members. */
  readonly documented: boolean;
}

/** What a module declares and exports. What it hands on from another module is that one's. */
export function exportsOf(program: SyntaxNode): readonly ExportFact[] {
  const body = (program.body as readonly SyntaxNode[] | undefined) ?? [];
  const declared = new Map<string, ExportFact>();
  const exported = new Map<string, ExportFact>();
  for (const statement of body) {
    const isExport = statement.type === "ExportNamedDeclaration";
    if (statement.type === "ExportDefaultDeclaration") {
      const own = isNode(statement.declaration) ? nameOf(statement.declaration.id) : undefined;
      add(exported, { name: own ?? "default", line: lineOf(statement), documented: isDocumented(statement) });
      continue;
    }
    const declaration = isExport ? statement.declaration : statement;
    if (!isNode(declaration)) continue;
    for (const name of namesOf(declaration)) {
      const documented = isDocumented(statement) || isDocumented(declaration);
      add(isExport ? exported : declared, { name, line: lineOf(statement), documented });
    }
  }
  for (const statement of body) {
    if (statement.type !== "ExportNamedDeclaration" || isNode(statement.source)) continue;
    for (const specifier of statement.specifiers as readonly SyntaxNode[]) {
      const fact = declared.get(nameOf(specifier.local) ?? "");
      if (fact !== undefined) add(exported, { ...fact, name: nameOf(specifier.exported) ?? fact.name });
    }
  }
  return [...exported.values()];
}

/** Of several declarations of one name, overloads for example, one with a comment suffices. */
function add(facts: Map<string, ExportFact>, fact: ExportFact): void {
  const known = facts.get(fact.name);
  if (known === undefined || (fact.documented && !known.documented)) facts.set(fact.name, fact);
}

function isDocumented(node: SyntaxNode): boolean {
  const { leadingComments = [], body, typeAnnotation } = node;
  if (leadingComments.some(({ type, value }) => type === "CommentBlock" && value.startsWith("*")))
    return true;
  const isType = node.type === "TSInterfaceDeclaration" || node.type === "TSTypeAliasDeclaration";
  const inner = isNode(body) ? body.body : isNode(typeAnnotation) ? typeAnnotation.members : undefined;
  if (!isType || !Array.isArray(inner) || inner.length === 0) return false;
  const members = inner.filter(isNode);
  return members.filter(isDocumented).length * 2 >= members.length;
}

function namesOf(declaration: SyntaxNode): readonly string[] {
  if (declaration.type === "VariableDeclaration") {
    const declarators = declaration.declarations as readonly SyntaxNode[];
    return declarators.map(({ id }) => nameOf(id)).filter((name) => name !== undefined);
  }
  const isDeclaration = /^(?:Function|Class|TS\w+)(?:Declaration)$|^TSDeclareFunction$/.test(
    declaration.type,
  );
  const name = isDeclaration ? nameOf(declaration.id) : undefined;
  return name === undefined ? [] : [name];
}

/** What a module hands on from another. */
export interface Reexport {
  readonly specifier: string;
  /** The names there; undefined for all. */
  readonly names: readonly string[] | undefined;
}

export function reexportsOf(program: SyntaxNode): readonly Reexport[] {
  const body = (program.body as readonly SyntaxNode[] | undefined) ?? [];
  return body.flatMap((statement): readonly Reexport[] => {
    const specifier = nameOf(statement.source);
    if (specifier === undefined) return [];
    if (statement.type === "ExportAllDeclaration") return [{ specifier, names: undefined }];
    if (statement.type !== "ExportNamedDeclaration") return [];
    const specifiers = statement.specifiers as readonly SyntaxNode[];
    return [{ specifier, names: specifiers.flatMap(({ local }) => nameOf(local) ?? []) }];
  });
}
