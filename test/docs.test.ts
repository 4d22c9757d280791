import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { root } from "./support/child.js";

const pages = ["README.md", "CONTRIBUTING.md", ...list("docs"), "test/bench/README.md"].filter((page) =>
  existsSync(join(root, page)),
);
const texts = new Map(pages.map((page) => [page, readFileSync(join(root, page), "utf8")]));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};

describe("the pages", () => {
  test("every TypeScript fence compiles against the package", () => {
    const fences = new Map<string, string>();
    for (const [page, text] of texts) {
      for (const [index, match] of [...text.matchAll(/^```ts\n(.*?)^```/gms)].entries()) {
        fences.set(
          join(root, "docs", `${page.replaceAll("/", "-")}-${index + 1}.ts`),
          `${match[1]}\nexport {};\n`,
        );
      }
    }
    expect(fences.size).toBeGreaterThan(10);
    expect(compile(fences)).toEqual([]);
    // A compiler's run over all pages takes its time on a busy machine.
  }, 120_000);

  test.each(pages)("%s links to what exists", (page) => {
    const links = [...(texts.get(page) ?? "").matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(
      (match) => match[1] ?? "",
    );
    const broken = links.filter((link) => {
      const [file = "", anchor] = link.split("#");
      const target = file === "" ? join(root, page) : join(root, dirname(page), file);
      if (!existsSync(target)) return true;
      return anchor !== undefined && !anchorsOf(readFileSync(target, "utf8")).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  test.each(pages)("%s names only scripts that exist", (page) => {
    const scripts = [...(texts.get(page) ?? "").matchAll(/npm run (?:-s )?([\w:]+)/g)].map(
      (match) => match[1] ?? "",
    );
    expect(scripts.filter((script) => !(script in manifest.scripts))).toEqual([]);
  });

  test("the table of errors has every code, and no other", () => {
    const source = readFileSync(join(root, "src/core/errors.ts"), "utf8");
    const codes = [...source.matchAll(/^ {2}\| "([A-Z_]+)"/gm)].map((match) => match[1]);
    const listed = [...(texts.get("docs/errors.md") ?? "").matchAll(/^\| `([A-Z_]+)`\s*\|/gm)].map(
      (match) => match[1],
    );
    expect(codes.length).toBeGreaterThan(20);
    expect(listed).toEqual(codes);
  });

  test("the command line's options and exit codes are those of the page", () => {
    const page = texts.get("docs/command-line.md") ?? "";
    const both = `${page}\n${texts.get("docs/events.md")}`;
    const sources = [
      "approvals",
      "ask",
      "call",
      "doctor",
      "events",
      "list",
      "serve-events",
      "session",
      "workflow",
      "workflow/runs",
    ]
      .map((file) => readFileSync(join(root, `src/cli/${file}.ts`), "utf8"))
      .join("\n");
    const options = [...sources.matchAll(/\.(?:o|requiredO)ption\(\s*"([^"]+)"/g)].map((match) => match[1]);
    expect(options.filter((option) => !both.includes(`\`${option}\``))).toEqual([]);
    const codes = [...readFileSync(join(root, "src/cli/exit.ts"), "utf8").matchAll(/: (\d+)[,\s}]/g)].map(
      (match) => match[1],
    );
    expect([...page.matchAll(/^\| (\d+)\s*\|/gm)].map((match) => match[1])).toEqual(codes.slice(0, 7));
  });
});

function compile(fences: ReadonlyMap<string, string>): string[] {
  const config = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile).config;
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const readFile = host.readFile.bind(host);
  const fileExists = host.fileExists.bind(host);
  host.readFile = (file) => fences.get(file) ?? readFile(file);
  host.fileExists = (file) => fences.has(file) || fileExists(file);
  const getSourceFile = host.getSourceFile.bind(host);
  host.getSourceFile = (file, target) => {
    const text = fences.get(file);
    return text === undefined ? getSourceFile(file, target) : ts.createSourceFile(file, text, target);
  };
  const program = ts.createProgram([...fences.keys()], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .filter(({ file }) => file !== undefined && fences.has(file.fileName))
    .map(
      ({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
    );
}

function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? "")
      .toLowerCase()
      .replace(/[^\w\s-]/g, "")
      .trim()
      .replaceAll(" ", "-"),
  );
}

function list(folder: string): string[] {
  return readdirSync(join(root, folder))
    .filter((file) => file.endsWith(".md"))
    .map((file) => `${folder}/${file}`);
}
