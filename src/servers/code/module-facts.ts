import { extname } from "node:path";
import { type ParserPlugin, parse } from "@babel/parser";
import { reasonOf } from "../../core/errors.js";
import { type ExportFact, exportsOf, type Reexport, reexportsOf } from "./exports.js";
import { type FunctionFact, functionsOf } from "./functions.js";
import { type ImportFact, importsOf } from "./imports.js";
import type { SyntaxNode } from "./syntax-node.js";

/** What one parse of a file tells. */
export interface ModuleFacts {
  readonly functions: readonly FunctionFact[];
  readonly imports: readonly ImportFact[];
  readonly exports: readonly ExportFact[];
  readonly reexports: readonly Reexport[];
  /** What is wrong with its syntax. The rest is what could be read all the same. */
  readonly problem?: { readonly line: number; readonly message: string };
}

const PLUGINS: Readonly<Record<string, readonly ParserPlugin[]>> = {
  ".ts": ["typescript"],
  ".mts": ["typescript"],
  ".cts": ["typescript"],
  ".tsx": ["typescript", "jsx"],
  ".js": ["jsx"],
  ".mjs": ["jsx"],
  ".cjs": ["jsx"],
  ".jsx": ["jsx"],
};
const FLOW = /^[ \t]*(?:\/\*[\s*]{0,80}|\/\/[ \t]{0,20})@flow\b/m;
/** Where a file says of itself how it is to be read. */
const HEAD = 2000;
const GENERATED = /^\s*(?:\/\/|\/?\*|#|<!--).*(?:@generated\b|\bdo not edit\b)/im;
/** On average: nobody writes so. */
const LONG_LINE = 400;

/** Whether a file's syntax is one that is parsed here. */
export function isModule(path: string): boolean {
  return extname(path) in PLUGINS && !/\.d\.[cm]?ts$/.test(path);
}

/** Minified or otherwise written by a program: nobody edits it by hand. */
export function isGenerated(path: string, text: string): boolean {
  if (/\.min\.[cm]?js$/.test(path) || GENERATED.test(text.slice(0, 600))) return true;
  const lines = text.split("\n").length;
  return text.length > 2000 && text.length / lines > LONG_LINE;
}

export function factsOf(path: string, text: string): ModuleFacts {
  const own = PLUGINS[extname(path)] ?? [];
  const isFlow = !own.includes("typescript") && FLOW.test(text.slice(0, HEAD));
  const plugins: readonly ParserPlugin[] = isFlow ? [...own, "flow"] : own;
  const facts = parsed(text, [...plugins, "decorators-legacy"]);
  if (facts.problem === undefined || !text.includes("@")) return facts;
  // Those of today and of TypeScript's first years exclude each other; the latter are met more often.
  const other = parsed(text, [...plugins, "decorators"]);
  return other.problem === undefined ? other : facts;
}

function parsed(text: string, plugins: readonly ParserPlugin[]): ModuleFacts {
  try {
    const file = parse(text, {
      sourceType: "unambiguous",
      errorRecovery: true,
      allowReturnOutsideFunction: true,
      allowAwaitOutsideFunction: true,
      allowUndeclaredExports: true,
      plugins: [...plugins, "decoratorAutoAccessors", "deprecatedImportAssert", "explicitResourceManagement"],
    });
    const program = file.program as unknown as SyntaxNode;
    const [error] = file.errors ?? [];
    return {
      functions: functionsOf(program),
      imports: importsOf(program),
      exports: exportsOf(program),
      reexports: reexportsOf(program),
      ...(error === undefined ? {} : { problem: problemOf(error) }),
    };
  } catch (error) {
    return { functions: [], imports: [], exports: [], reexports: [], problem: problemOf(error) };
  }
}

function problemOf(error: unknown): NonNullable<ModuleFacts["problem"]> {
  const { loc } = error as { readonly loc?: { readonly line?: number } };
  return { line: loc?.line ?? 1, message: reasonOf(error).replace(/\s*\(\d+:\d+\)$/, "") };
}
