import {
  createScanner,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import { type Collected, type Path, type Position, pathText } from "./findings.js";

/** Largest file that is read, in bytes. */
export const maxBytes = 1024 * 1024;

/** What to do about a file that is larger, or nested deeper. */
export const tooLargeFix = "Give the file that lists the MCP servers, and only that";

// Real files are 5 levels deep. The parser is recursive, so a hostile one must be stopped before it.
const maxDepth = 32;

/** A configuration's value, and where in the text it stands. */
export interface ConfigDocument {
  readonly value: unknown;
  locate(path: Path): Position | undefined;
  readonly duplicates: readonly {
    readonly path: Path;
    readonly first: Position;
    readonly second: Position;
  }[];
}

const expectations: Record<string, readonly [problem: string, fix: string]> = {
  InvalidSymbol: [
    "has a word that is not JSON",
    "Put text in double quotes; only true, false and null need none",
  ],
  InvalidNumberFormat: ["has a number that is not JSON", "Write it as in 30000 or 0.5"],
  PropertyNameExpected: ["expected a key", "Write the key in double quotes"],
  ValueExpected: ["expected a value", "Write the missing value, or remove the key and comma before it"],
  ColonExpected: ["expected a colon", 'Write ":" between the key and its value'],
  CommaExpected: ["expected a comma", 'Write "," between one item and the next'],
  CloseBraceExpected: ['expected "}"', "Close the object; one brace is missing"],
  CloseBracketExpected: ['expected "]"', "Close the list; one bracket is missing"],
  EndOfFileExpected: ["has more text after its end", "Keep one object in the file and remove the rest"],
  InvalidCommentToken: ["has a comment that is not JSONC", "Write // or /* */"],
  UnexpectedEndOfComment: ["has a comment without an end", "Close it with */"],
  UnexpectedEndOfString: [
    "has text without a closing quote",
    "Close it with a double quote on the same line",
  ],
  UnexpectedEndOfNumber: ["has an unfinished number", "Write it as in 30000 or 0.5"],
  InvalidUnicode: ["has a bad \\u escape", "Write four hexadecimal digits after \\u"],
  InvalidEscapeCharacter: ["has a bad escape in a text", "Write a backslash twice, as in C:\\\\tools"],
  InvalidCharacter: ["has a control character in a text", "Write line breaks as \\n and tabs as \\t"],
};

/** Reads JSON or JSONC. Returns `undefined` after a fault: what follows the first one is guesswork. */
export function readText(source: string, findings: Collected): ConfigDocument | undefined {
  const text = source.startsWith("\uFEFF") ? source.slice(1) : source;
  if (Buffer.byteLength(text) > maxBytes) {
    findings.fault([], "is larger than 1 MiB", tooLargeFix);
    return undefined;
  }
  const positionOf = positions(text);
  const tooDeep = findTooDeep(text);
  if (tooDeep !== undefined) {
    findings.fault([], ...nestingFault, positionOf(tooDeep));
    return undefined;
  }
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (root === undefined && createScanner(text, true).scan() === (tokens.end as number)) {
    findings.fault([], "is empty", 'Write at least { "mcpServers": {} }');
    return undefined;
  }
  if (root === undefined || error !== undefined) {
    const [problem, fix] = expectations[printParseErrorCode(error?.error ?? 4)] ?? [
      "is not JSON",
      "Correct it",
    ];
    const isPath = !text.includes("{") && !text.includes("\n");
    const advice = isPath ? "Give the text of the file; readConfig() takes its path" : fix;
    findings.fault([], `is not valid JSON: ${problem}`, advice, positionOf(error?.offset ?? 0));
    return undefined;
  }
  const { offsets, duplicates } = indexTree(root, positionOf);
  return { value: getNodeValue(root), locate: (path) => nearest(path, offsets, positionOf), duplicates };
}

/** Takes an object that a program made. Whatever JSON could not hold, a cycle above all, is a fault. */
export function readObject(source: unknown, findings: Collected): ConfigDocument | undefined {
  let size: number;
  try {
    size = JSON.stringify(source)?.length ?? 0;
  } catch (error) {
    // TypeError: a cycle or a bigint. RangeError: too deep. Anything else is the caller's own getter failing.
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    findings.fault(
      [],
      "is an object that JSON cannot hold",
      "Give plain data, without cycles and big integers",
    );
    return undefined;
  }
  if (size > maxBytes) {
    findings.fault([], "is larger than 1 MiB", tooLargeFix);
    return undefined;
  }
  if (isDeeper(source, maxDepth)) {
    findings.fault([], ...nestingFault);
    return undefined;
  }
  return { value: source, locate: () => undefined, duplicates: [] };
}

const nestingFault = [`is nested more than ${maxDepth} levels deep`, tooLargeFix] as const;

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((child) => isDeeper(child, levels - 1));
}

function findTooDeep(text: string): number | undefined {
  const scanner = createScanner(text, true);
  let depth = 0;
  for (let token: number = scanner.scan(); token !== tokens.end; token = scanner.scan()) {
    if (token === tokens.openBrace || token === tokens.openBracket) depth++;
    else if (token === tokens.closeBrace || token === tokens.closeBracket) depth--;
    if (depth > maxDepth) return scanner.getTokenOffset();
  }
  return undefined;
}

// jsonc-parser's SyntaxKind is a const enum, which isolated modules cannot read.
const tokens = { openBrace: 1, closeBrace: 2, openBracket: 3, closeBracket: 4, end: 17 };

function indexTree(root: Node, positionOf: (offset: number) => Position) {
  const offsets = new Map<string, number>();
  const duplicates: ConfigDocument["duplicates"][number][] = [];
  const visit = (node: Node, path: Path, offset: number): void => {
    offsets.set(pathText(path), offset);
    const children = node.children ?? [];
    if (node.type === "array") {
      for (const [index, child] of children.entries()) visit(child, [...path, index], child.offset);
    }
    if (node.type !== "object") return;
    const seen = new Map<string, number>();
    for (const { children: [key, value] = [], offset: start } of children) {
      if (key === undefined || value === undefined) continue;
      const name = String(key.value);
      const first = seen.get(name);
      if (first !== undefined) {
        duplicates.push({ path: [...path, name], first: positionOf(first), second: positionOf(start) });
      }
      seen.set(name, first ?? start);
      visit(value, [...path, name], start);
    }
  };
  visit(root, [], root.offset);
  return { offsets, duplicates };
}

/** The place of a path, or of what holds it when the path itself is missing in the text. */
function nearest(path: Path, offsets: ReadonlyMap<string, number>, positionOf: (offset: number) => Position) {
  for (let length = path.length; length > 0; length--) {
    const offset = offsets.get(pathText(path.slice(0, length)));
    if (offset !== undefined) return positionOf(offset);
  }
  return positionOf(offsets.get("$") ?? 0);
}

/** Turns offsets into lines and columns; the line starts are found once, and searched by halves. */
function positions(text: string): (offset: number) => Position {
  const starts = [0, ...Array.from(text.matchAll(/\r\n|\r|\n/g), (match) => match.index + match[0].length)];
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}
