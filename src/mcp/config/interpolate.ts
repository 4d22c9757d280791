import { basename, sep } from "node:path";
import { quote } from "./findings.js";

/** Where `${…}` finds its values. */
export interface Scope {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Value of an input, or a sentence on why there is none. */
  readonly input: (
    id: string,
  ) => { readonly value: string; readonly secret: boolean } | { readonly missing: string };
  readonly workspaceFolder: string;
  readonly userHome: string;
}

/** A value that went into a text, and the variable's name. */
export interface Used {
  readonly name: string;
  readonly value: string;
  /** The file's author said so: an input with `"password": true`. */
  readonly secret: boolean;
}

export interface Interpolation {
  /** `undefined` when a variable has no value or the text is malformed. */
  readonly text: string | undefined;
  readonly used: readonly Used[];
  readonly problems: readonly InterpolationProblem[];
}

export interface InterpolationProblem {
  /** `unset`: well written, but nothing has a value. */
  readonly kind: "unset" | "malformed";
  readonly problem: string;
  readonly fix: string;
}

const forms = "Use ${NAME}, ${NAME:-default}, ${env:NAME}, ${input:id}, ${workspaceFolder} or ${userHome}";
const maxNesting = 8;

/**
 * Replaces `${NAME}`, `${env:NAME}`, `${input:id}`, `${workspaceFolder}`, `${userHome}` and a few more of VS
 * Code, each with an optional `:-default`, and SEP-2633's alternatives `${env:A | value:text}`. A default may
 * hold variables; a value is never looked at again. A variable set to the empty text counts as set.
 * `${value:$}{` writes a literal `${`.
 */
export function interpolate(text: string, scope: Scope, nesting = 0): Interpolation {
  const used: Used[] = [];
  const problems: InterpolationProblem[] = [];
  let result = "";
  let position = 0;
  for (let open = text.indexOf("${"); open !== -1; open = text.indexOf("${", position)) {
    const close = nesting < maxNesting ? closingBrace(text, open) : -1;
    if (close === -1) {
      problems.push(malformed("has a ${ that is never closed, or too many in each other", "Close it with }"));
      position = text.length;
      break;
    }
    const value = evaluate(text.slice(open + 2, close), scope, nesting);
    result += text.slice(position, open) + (value.text ?? "");
    // Not push(...list): a hostile text has more variables than a call may have arguments.
    for (const one of value.used) used.push(one);
    for (const one of value.problems) problems.push(one);
    position = close + 1;
  }
  return { text: problems.length === 0 ? result + text.slice(position) : undefined, used, problems };
}

function closingBrace(text: string, open: number): number {
  let depth = 0;
  for (let index = open; index < text.length; index++) {
    if (text.startsWith("${", index)) depth++;
    else if (text[index] === "}" && --depth === 0) return index;
  }
  return -1;
}

function evaluate(body: string, scope: Scope, nesting: number): Interpolation {
  const cut = body.indexOf(":-");
  const terms = (cut === -1 ? body : body.slice(0, cut)).split("|").map((term) => term.trim());
  let unset: InterpolationProblem | undefined;
  for (const term of terms) {
    const found = lookUp(term, scope);
    if ("value" in found) return { text: found.value, used: [found], problems: [] };
    if (found.kind === "malformed") return { text: undefined, used: [], problems: [found] };
    unset ??= found;
  }
  if (cut === -1) return { text: undefined, used: [], problems: unset === undefined ? [] : [unset] };
  const fallback = interpolate(body.slice(cut + 2), scope, nesting + 1);
  if (fallback.text === undefined) return fallback;
  return {
    ...fallback,
    used: [...fallback.used, { name: terms[0] ?? "", value: fallback.text, secret: false }],
  };
}

function lookUp(term: string, scope: Scope): Used | InterpolationProblem {
  const predefined: Record<string, string> = {
    workspaceFolder: scope.workspaceFolder,
    workspaceFolderBasename: basename(scope.workspaceFolder),
    cwd: scope.workspaceFolder,
    userHome: scope.userHome,
    pathSeparator: sep,
    "/": sep,
  };
  if (Object.hasOwn(predefined, term)) return { name: term, value: predefined[term] ?? "", secret: false };
  const colon = term.indexOf(":");
  const scheme = colon === -1 ? "env" : term.slice(0, colon);
  const name = term.slice(colon + 1);
  if (scheme === "value") return { name: scheme, value: name, secret: false };
  if (scheme === "input") {
    const input = scope.input(name);
    if ("value" in input) return { name, ...input };
    return { kind: "unset", problem: `needs the input ${quote(name.slice(0, 100))}`, fix: input.missing };
  }
  if (scheme !== "env") return unknownScheme(scheme);
  // Windows has variables such as ProgramFiles(x86).
  if (!/^[A-Za-z_][\w()]*$/.test(name)) return malformed("has a ${…} that names no variable", forms);
  const value = Object.hasOwn(scope.env, name) ? scope.env[name] : undefined;
  if (value !== undefined) return { name, value, secret: false };
  return {
    kind: "unset",
    problem: `needs the environment variable ${name}, which is not set`,
    fix: `Set ${name}, or write a default as in \${${name}:-default}`,
  };
}

function unknownScheme(scheme: string): InterpolationProblem {
  const word = /^\w{1,30}$/.test(scheme) ? scheme : "…";
  const why: Record<string, string> = {
    op: "Run the program under `op run`, and name the environment variable that it sets",
    command: "Only VS Code can run this; give the value as ${input:id} or ${env:NAME}",
    config: "Only VS Code knows its settings; give the value as ${input:id} or ${env:NAME}",
  };
  return malformed(
    `has \${${word}:…}, which is unknown here`,
    (Object.hasOwn(why, word) && why[word]) || forms,
  );
}

function malformed(problem: string, fix: string): InterpolationProblem {
  return { kind: "malformed", problem, fix };
}
