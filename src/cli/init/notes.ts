import { join } from "node:path";
import { parse } from "jsonc-parser";
import { isRecord } from "./manifest.js";

const AGENT = "graphs/agent.ts";
const EXPORT = "graph";

/** What is left to be done by hand when files of the project are kept as they are. */
export function notesOn(textOf: (path: string) => string): readonly string[] {
  const graphs = fieldOf(parse(textOf("langgraph.json")), "graphs");
  const notes: string[] = [];
  if (!Object.values(graphs).some(isAgent)) {
    const entry = `"${freeName(graphs)}": "./${AGENT}:${EXPORT}"`;
    notes.push(`to show ${AGENT}, add it to "graphs" in langgraph.json: ${entry}`);
  }
  if (
    !/export\s+(?:const|let|var|(?:async\s+)?function)\s+graph\b|export\s*\{[^}]*\bgraph\b/.test(
      textOf(AGENT),
    )
  ) {
    notes.push(
      `${AGENT} exports no "${EXPORT}", which langgraph.json asks for: name it so, or run init --force`,
    );
  }
  const settings: unknown = parse(textOf("tsconfig.json"));
  const { module, moduleResolution } = fieldOf(settings, "compilerOptions");
  if (isRecord(settings) && settings.extends === undefined && isOld(module, moduleResolution)) {
    notes.push(
      'with this tsconfig.json TypeScript does not find langbaton/agents/react: set "module" to "Preserve" or "NodeNext"',
    );
  }
  return notes;
}

/** The graph of the agent, in any form of a path. */
function isAgent(entry: unknown): boolean {
  const path = isRecord(entry) ? entry.path : entry;
  return typeof path === "string" && join(path.replace(/:[^:/\\]*$/, "")) === join(AGENT);
}

function freeName(graphs: Readonly<Record<string, unknown>>): string {
  let name = "agent";
  for (let count = 2; name in graphs; count += 1) name = `agent-${count}`;
  return name;
}

/** Settings under which TypeScript does not read a package's `exports`. */
function isOld(module: unknown, resolution: unknown): boolean {
  if (typeof resolution === "string") return /^(?:node|node10|classic)$/i.test(resolution);
  return (
    typeof module === "string" &&
    /^(?:commonjs|amd|umd|system|es2015|es6|es2020|es2022|esnext)$/i.test(module)
  );
}

function fieldOf(value: unknown, name: string): Readonly<Record<string, unknown>> {
  const field = isRecord(value) ? value[name] : undefined;
  return isRecord(field) ? field : {};
}
