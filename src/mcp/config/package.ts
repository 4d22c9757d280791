import { type Entry, orAllow } from "./fields.js";

/** A program that downloads a package and runs it, and how it is called. */
interface Runner {
  readonly words: readonly string[];
  readonly python: boolean;
}

const runners: readonly Runner[] = [
  { words: ["npx"], python: false },
  { words: ["bunx"], python: false },
  { words: ["pnpx"], python: false },
  { words: ["pnpm", "dlx"], python: false },
  { words: ["yarn", "dlx"], python: false },
  { words: ["bun", "x"], python: false },
  { words: ["npm", "exec"], python: false },
  { words: ["npm", "x"], python: false },
  { words: ["uvx"], python: true },
  { words: ["uv", "tool", "run"], python: true },
  { words: ["pipx", "run"], python: true },
];

/** Options whose value is the package. */
const packageOptions = {
  node: new Set(["-p", "--package"]),
  python: new Set(["--from", "--spec"]),
};

/** Options whose value is something else. */
const otherOptions = {
  node: new Set(["-c", "--call", "--registry", "--prefix", "--cache", "-w", "--workspace"]),
  python: new Set(["-p", "--python", "--with", "--index-url", "--index", "--extra-index-url", "--directory"]),
};

/**
 * Checks that `npx`, `uvx` and the like run the package that its owner looked at. A moving tag is a fault: whoever
 * takes over the package is inside at the next start. No version at all is a warning, as nearly every file has that.
 */
export function checkPackage(entry: Entry, command: string, args: readonly (string | undefined)[]): void {
  const program = command
    .replace(/^.*[\\/]/, "")
    .replace(/\.(cmd|exe)$/i, "")
    .toLowerCase();
  // On Windows people write cmd /c npx …
  const shell = program === "cmd" && args[0]?.toLowerCase() === "/c";
  const words = shell ? args.slice(1) : [program, ...args];
  const runner = runners.find((one) => one.words.every((word, index) => words[index] === word));
  if (runner === undefined) return;
  const start = runner.words.length + (shell ? 1 : -1);
  const found = findPackage(args, start, runner.python ? "python" : "node");
  if (found === undefined) return;
  const path = ["args", found.index];
  const state = pinOf(found.spec, runner.python);
  const pinned = runner.python ? "name==1.2.3" : "name@1.2.3";
  if (state === "tag" && !entry.allows("unpinned")) {
    const fix = `Name the version that you looked at, as in ${pinned}${orAllow("unpinned")}`;
    entry.findings.fault(path, "follows a moving tag: the next start may run other code", fix);
  } else if (state === "open" && !entry.allows("unpinned")) {
    entry.findings.warn(path, `names no exact version: pin it, as in ${pinned}.`);
  }
}

/** The package that a runner is told to run, and which argument names it. */
function findPackage(args: readonly (string | undefined)[], start: number, kind: "node" | "python") {
  for (let index = start; index < args.length; index++) {
    const word = args[index];
    // A fault already: what follows may be anything.
    if (word === undefined) return undefined;
    if (!word.startsWith("-")) return { index, spec: word };
    const [option = word, attached] = word.split(/=(.*)/s);
    if (packageOptions[kind].has(option)) {
      const spec = attached ?? args[index + 1];
      return spec === undefined ? undefined : { index: attached === undefined ? index + 1 : index, spec };
    }
    if (attached === undefined && otherOptions[kind].has(option)) index++;
  }
  return undefined;
}

/** `exact`: always the same code. `tag`: a word that someone moves, or any version. `open`: a range, or none. */
function pinOf(spec: string, python: boolean): "exact" | "tag" | "open" {
  if (/^(\.{0,2}[\\/]|file:|~|[A-Za-z]:\\)/.test(spec)) return "exact";
  if (/^(git|https?:|github:|gitlab:)/.test(spec)) return /[#@][\da-f]{40}$/.test(spec) ? "exact" : "open";
  if (python && /===?\s*[\dv][^*,]*$/.test(spec)) return "exact";
  const at = spec.lastIndexOf("@");
  if (at <= 0) return "open";
  const version = spec.slice(at + 1);
  const exact = python ? /^\d[\w.+!]*$/ : /^v?\d+(\.\d+){2}([-+][\w.+-]+)?$/;
  if (exact.test(version)) return "exact";
  return /^(v?\d|[\^~<>=]|x$|x\.)/i.test(version) ? "open" : "tag";
}
