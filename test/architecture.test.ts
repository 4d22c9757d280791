import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";

/** The folders of `src/`, their layers, and the packages that each may use beside Node's own modules. */
const FOLDERS: Readonly<Record<string, { readonly layer: number; readonly packages: readonly string[] }>> = {
  core: { layer: 0, packages: ["uuid"] },
  telemetry: { layer: 1, packages: ["@hpcc-js/wasm-graphviz", "@opentelemetry/api"] },
  mcp: {
    layer: 2,
    packages: [
      "@modelcontextprotocol/client",
      "zod",
      "ajv",
      "ajv-formats",
      "cross-spawn",
      "jsonc-parser",
      "leven",
      "re2js",
    ],
  },
  middleware: {
    layer: 2,
    packages: ["@langchain/langgraph", "@opentelemetry/api", "better-sqlite3", "lru-cache", "re2js"],
  },
  execution: { layer: 2, packages: [] },
  memory: {
    layer: 2,
    packages: [
      "@langchain/core",
      "@langchain/langgraph-checkpoint",
      "better-sqlite3",
      "chromadb",
      "lru-cache",
      "stemmer",
      "tokenx",
    ],
  },
  models: { layer: 2, packages: ["@langchain/core", "@langchain/openai", "langchain", "tokenx"] },
  adapters: { layer: 3, packages: ["@langchain/core", "@langchain/mcp-adapters", "picomatch"] },
  registry: {
    layer: 3,
    packages: [
      "@langchain/core",
      "@langchain/langgraph",
      "@langchain/langgraph-checkpoint",
      "langchain",
      "tokenx",
      "zod",
    ],
  },
  agents: {
    layer: 4,
    packages: ["@langchain/core", "@langchain/langgraph", "langchain", "lru-cache", "zod"],
  },
  workflows: {
    layer: 5,
    packages: [
      "@hono/node-server",
      "@langchain/core",
      "@langchain/langgraph",
      "@langchain/langgraph-checkpoint-postgres",
      "@langchain/langgraph-checkpoint-sqlite",
      "better-sqlite3",
      "croner",
      "hono",
      "jsonata",
      "jsonc-parser",
      "pg",
      "zod",
    ],
  },
  servers: {
    layer: 5,
    packages: [
      "@babel/parser",
      "@hono/node-server",
      "@modelcontextprotocol/server",
      "@secretlint/secretlint-rule-preset-recommend",
      "better-sqlite3",
      "hono",
      "zod",
    ],
  },
  cli: { layer: 6, packages: ["@langchain/core", "commander", "jsonc-parser", "listr2"] },
};
/** What `import "langbaton"` must not load before something is used. */
const NOT_AT_THE_ROOT = [
  "@langchain/core",
  "@langchain/langgraph",
  "@langchain/langgraph-checkpoint",
  "chromadb",
  "langchain",
  "@modelcontextprotocol/client",
  "ajv",
  "better-sqlite3",
  "re2js",
];
const LONGEST_FILE = 300;

const src = fileURLToPath(new URL("../src", import.meta.url));
const graphs = fileURLToPath(new URL("../graphs", import.meta.url));

interface Import {
  readonly specifier: string;
  /** Needed at run time and loaded at once. */
  readonly eager: boolean;
}

const files = new Map(sourceFiles(src).map((file) => [file, readFileSync(file, "utf8")]));
const imports = new Map([...files].map(([file, text]) => [file, importsOf(file, text)]));

describe("the layers", () => {
  test.each([...imports])("%s imports only what it may", (file, list) => {
    const folder = folderOf(file);
    const wrong = list.flatMap(({ specifier }) => wrongIn(file, folder, specifier));
    expect(wrong).toEqual([]);
  });

  test("there is no import cycle", () => {
    expect(findCycle()).toBeUndefined();
  });

  test("the root loads no framework before it is used", () => {
    const reached = reach(join(src, "index.ts"));
    expect(NOT_AT_THE_ROOT.filter((name) => reached.has(name))).toEqual([]);
  });
});

describe("the files", () => {
  test(`none is longer than ${LONGEST_FILE} lines`, () => {
    const long = [...files]
      .filter(([, text]) => text.split("\n").length - 1 > LONGEST_FILE)
      .map(([file]) => name(file));
    expect(long).toEqual([]);
  });

  test("no folder has an index", () => {
    expect([...files.keys()].map(name).filter((file) => file.endsWith("/index.ts"))).toEqual([]);
  });

  test("a graph's file only wires: under 25 lines", () => {
    const long = sourceFiles(graphs).filter((file) => readFileSync(file, "utf8").split("\n").length > 25);
    expect(long).toEqual([]);
  });
});

function wrongIn(file: string, folder: string, specifier: string): string[] {
  if (specifier.startsWith(".")) {
    const target = folderOf(resolve(file, specifier));
    if (folder === "" || target === folder) return [];
    const from = FOLDERS[folder];
    const to = FOLDERS[target];
    if (!from || !to) return [`'${folder || target}' is not in the table of folders`];
    return to.layer < from.layer
      ? []
      : [`${specifier} lies in layer ${to.layer}, this file in ${from.layer}`];
  }
  if (specifier.startsWith("node:")) return [];
  if (builtinModules.includes(specifier)) return [`${specifier} lacks its node: prefix`];
  const allowed = FOLDERS[folder]?.packages ?? [];
  return allowed.includes(packageOf(specifier))
    ? []
    : [`${specifier} is no package of ${folder || "the root"}`];
}

function findCycle(): string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file].map(name);
    if (done.has(file)) return undefined;
    path.push(file);
    for (const { specifier, eager } of imports.get(file) ?? []) {
      const cycle = eager && specifier.startsWith(".") ? visit(resolve(file, specifier)) : undefined;
      if (cycle) return cycle;
    }
    path.pop();
    done.add(file);
    return undefined;
  };
  for (const file of files.keys()) {
    const cycle = visit(file);
    if (cycle) return cycle;
  }
  return undefined;
}

/** The packages that a file loads at once, through all that it imports. */
function reach(file: string, seen = new Set<string>(), packages = new Set<string>()): Set<string> {
  if (seen.has(file)) return packages;
  seen.add(file);
  for (const { specifier, eager } of imports.get(file) ?? []) {
    if (!eager) continue;
    if (specifier.startsWith(".")) reach(resolve(file, specifier), seen, packages);
    else packages.add(packageOf(specifier));
  }
  return packages;
}

function importsOf(file: string, text: string): Import[] {
  const found: Import[] = [];
  const add = (node: ts.Expression | undefined, eager: boolean): void => {
    if (node && ts.isStringLiteral(node)) found.push({ specifier: node.text, eager });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, !isTypeOnly(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, !isTypeOnlyExport(node));
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true));
  return found;
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false;
  if (clause.isTypeOnly) return true;
  const { name: defaultName, namedBindings } = clause;
  if (defaultName || !namedBindings || !ts.isNamedImports(namedBindings)) return false;
  return namedBindings.elements.every((each) => each.isTypeOnly);
}

function isTypeOnlyExport(node: ts.ExportDeclaration): boolean {
  if (node.isTypeOnly) return true;
  const { exportClause } = node;
  return (
    exportClause !== undefined &&
    ts.isNamedExports(exportClause) &&
    exportClause.elements.every((each) => each.isTypeOnly)
  );
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(folder, file))
    .sort();
}

function resolve(file: string, specifier: string): string {
  return join(dirname(file), specifier.replace(/\.js$/, ".ts"));
}

function folderOf(file: string): string {
  const parts = relative(src, file).split(sep);
  return parts.length > 1 ? (parts[0] ?? "") : "";
}

function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

function name(file: string): string {
  return relative(src, file).split(sep).join("/");
}
