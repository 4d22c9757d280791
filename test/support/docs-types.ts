import { join } from "node:path";
import ts from "typescript";
import { root } from "./child.js";
import { programOf } from "./docs-compile.js";
import { entries } from "./docs-entries.js";

export interface Key {
  readonly name: string;
  /** What its docstring gives as `@default`. */
  readonly defaultText: string | undefined;
}

// One file that imports every export of the built package, as a user's project sees them.
const path = join(root, "every-export.ts");
const text = entries
  .map(({ specifier }, index) => `import type * as m${index} from "${specifier}";\n`)
  .join("");
const program = programOf(new Map([[path, text]]));
const checker = program.getTypeChecker();
const modules = new Map(
  [...(program.getSourceFile(path)?.statements ?? [])].filter(ts.isImportDeclaration).map((statement) => {
    const specifier = statement.moduleSpecifier as ts.StringLiteral;
    return [specifier.text, checker.getSymbolAtLocation(specifier)] as const;
  }),
);

/** The keys of an exported type. Undefined when there is no such export. */
export function keysOf(specifier: string, name: string): Key[] | undefined {
  const exported = exportsOf(specifier).find((each) => each.name === name);
  if (!exported) return undefined;
  const type = checker.getDeclaredTypeOfSymbol(exported);
  const properties = (type.isUnion() ? type.types : [type]).flatMap((each) =>
    checker.getPropertiesOfType(each),
  );
  return [...new Map(properties.map((each) => [each.name, each])).values()].map((property) => ({
    name: property.name,
    defaultText: property
      .getJsDocTags(checker)
      .find((tag) => tag.name === "default")
      ?.text?.map((part) => part.text)
      .join(""),
  }));
}

/** Every name that the package's declarations have: exports, and members of exported types, one level deep. */
export function knownNames(): Set<string> {
  const names = new Set<string>();
  for (const specifier of modules.keys()) {
    for (const exported of exportsOf(specifier)) {
      names.add(exported.name);
      for (const type of typesOf(exported))
        for (const each of checker.getPropertiesOfType(type)) names.add(each.name);
    }
  }
  return names;
}

function exportsOf(specifier: string): ts.Symbol[] {
  const module = modules.get(specifier);
  return module ? checker.getExportsOfModule(module).map(target) : [];
}

/** What stands behind a name that is exported again. */
function target(symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** What a name stands for: a type itself, a value's type, and what a function takes and returns. */
function typesOf(symbol: ts.Symbol): ts.Type[] {
  const types = symbol.flags & ts.SymbolFlags.Type ? [checker.getDeclaredTypeOfSymbol(symbol)] : [];
  if (!(symbol.flags & ts.SymbolFlags.Value) || !symbol.valueDeclaration) return types;
  const type = checker.getTypeOfSymbolAtLocation(symbol, symbol.valueDeclaration);
  const ofCalls = type.getCallSignatures().flatMap((signature) => [
    checker.getNonNullableType(signature.getReturnType()),
    ...signature.getParameters().flatMap((parameter) => {
      const declaration = parameter.valueDeclaration;
      return declaration ? [checker.getTypeOfSymbolAtLocation(parameter, declaration)] : [];
    }),
  ]);
  return [...types, type, ...ofCalls].flatMap((each) => (each.isUnion() ? each.types : [each]));
}
