import { BatonError } from "../../core/errors.js";

/** Keys and indexes that lead from the root of a configuration to a place in it. */
export type Path = readonly (string | number)[];

/** A place in the text; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One thing that stops a configuration from being used. Holds no secret. */
export interface ConfigFault extends Partial<Position> {
  /** As in `mcpServers.files.args[0]` or `mcpServers["my server"].url`; `$` is the whole file. */
  readonly path: string;
  readonly server?: string;
  /** The key of the server's entry that it is about. */
  readonly field?: string;
  readonly problem: string;
  readonly fix: string;
}

/** Where checks put what they find, so that one run reports everything. No sentence may hold a value. */
export interface Findings {
  fault(path: Path, problem: string, fix: string, position?: Position): void;
  warn(path: Path, sentence: string): void;
}

interface Found {
  readonly path: Path;
  readonly server: string | undefined;
  readonly field: string | undefined;
  readonly problem: string;
  readonly fix: string;
  readonly position: Position | undefined;
}

/** What was found in one file so far. `within` gives the findings of one entry: its paths start there. */
export interface Collected extends Findings {
  readonly faults: readonly Found[];
  readonly warnings: readonly string[];
  within(path: Path, server: string): Findings;
}

/** Starts an empty collection. */
export function collectFindings(): Collected {
  const faults: Found[] = [];
  const warnings: string[] = [];
  return {
    faults,
    warnings,
    fault: (path, problem, fix, position) =>
      void faults.push({ path, server: undefined, field: undefined, problem, fix, position }),
    warn: (path, sentence) => void warnings.push(`${pathText(path)}: ${sentence}`),
    within: (root, server) => ({
      fault: (path, problem, fix, position) => {
        const field = path[0] === undefined ? undefined : String(path[0]);
        faults.push({ path: [...root, ...path], server, field, problem, fix, position });
      },
      warn: (path, sentence) => void warnings.push(`${pathText([...root, ...path])}: ${sentence}`),
    }),
  };
}

const maxLines = 50;

/** All faults of a file as the one error that its reader throws. */
export function toConfigError(
  file: string | undefined,
  found: readonly Found[],
  locate: (path: Path) => Position | undefined,
  cause?: unknown,
): BatonError {
  const faults = found.map(({ path, server, field, problem, fix, position }): ConfigFault => {
    return {
      path: pathText(path),
      ...(server === undefined ? {} : { server }),
      ...(field === undefined ? {} : { field }),
      ...(position ?? locate(path)),
      problem,
      fix,
    };
  });
  faults.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  const count = faults.length === 1 ? "1 problem" : `${faults.length} problems`;
  const lines = faults.slice(0, maxLines).map(({ path, line, column, problem, fix }) => {
    const subject = path === "$" ? "the file" : path;
    const short = subject.length > 200 ? `${subject.slice(0, 200)}…` : subject;
    const place = line === undefined ? short : `${short} (line ${line}, column ${column})`;
    return `  ${place} ${problem}. ${fix}${fix.endsWith("?") ? "" : "."}`;
  });
  if (faults.length > maxLines)
    lines.push(`  and ${faults.length - maxLines} more, all in error.data.faults.`);
  const message = [`${file ?? "the MCP configuration"} has ${count}:`, ...lines].join("\n");
  return new BatonError("CONFIG_INVALID", message, {
    cause,
    data: { ...(file !== undefined && { file }), faults },
  });
}

/** A path as people write it in JavaScript; `$` for the root. */
export function pathText(path: Path): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else if (!/^[A-Za-z_$][\w$]*$/.test(part)) text += `[${quote(part)}]`;
    else text += text === "" ? part : `.${part}`;
  }
  return text === "" ? "$" : text;
}

/** Text of the file's author in double quotes: whatever a terminal would obey is escaped. */
export function quote(text: string): string {
  return JSON.stringify(text).replace(/\p{C}/gu, (character) => {
    return `\\u{${character.codePointAt(0)?.toString(16)}}`;
  });
}
