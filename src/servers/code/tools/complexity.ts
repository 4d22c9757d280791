import { extname } from "node:path";
import type { McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";
import { counted, READ_ONLY, reply } from "../../enterprise/tools/shared.js";
import { isExamplePath } from "../example-path.js";
import type { Folder } from "../folder.js";
import type { FunctionFact } from "../functions.js";
import { isGenerated, isModule } from "../module-facts.js";
import { bullets, codeInput, codeOutput, leftOutWords, place, problem } from "./shared.js";

const output = z.object({
  ...codeOutput,
  functions: z.array(
    z.object({
      ...place,
      name: z.string(),
      complexity: z.int().describe("McCabe's: 1, and 1 for each branch; above 15 is hard to test"),
      lines: z.int(),
      test: z.boolean().describe("Lies among tests, examples or documentation; these come last"),
    }),
  ),
  totalFunctions: z.int(),
  median: z.int().describe("The median of all complexities"),
  failures: z
    .array(problem)
    .describe("Files whose syntax is wrong or unknown; what could be read of them counts"),
  generated: z.int().describe("Minified and generated files, which are not measured"),
  others: z
    .array(z.object({ extension: z.string(), files: z.int(), bytes: z.int(), largest: z.string() }))
    .describe("Files in other languages: their sizes are all that is known"),
});

type Output = z.infer<typeof output>;

export function registerComplexity(server: McpServer, folder: Folder): void {
  server.registerTool(
    "complexity",
    {
      title: "Rank functions by complexity",
      description:
        "Measures the cyclomatic complexity and the length of each function in TypeScript and JavaScript, the worst " +
        "first and tests last. Use it to find what is hard to test or to change. Of other languages it knows the sizes of files only.",
      inputSchema: codeInput,
      outputSchema: output,
      annotations: READ_ONLY,
    },
    async ({ path, limit }) => {
      const result = await measure(folder, path, limit);
      return reply(textOf(result), result);
    },
  );
}

async function measure(folder: Folder, path: string, limit: number): Promise<Output> {
  const listing = await folder.list(path);
  const functions: (FunctionFact & { readonly file: string; readonly test: boolean })[] = [];
  const failures: Output["failures"] = [];
  const others = new Map<string, { files: number; bytes: number; largest: string; most: number }>();
  let files = 0;
  let generated = 0;
  for (const file of listing.files) {
    if (!isModule(file.path)) {
      const extension = extname(file.path) || "(none)";
      const known = others.get(extension) ?? { files: 0, bytes: 0, largest: "", most: -1 };
      const isLargest = file.bytes > known.most;
      others.set(extension, {
        files: known.files + 1,
        bytes: known.bytes + file.bytes,
        largest: isLargest ? file.path : known.largest,
        most: Math.max(known.most, file.bytes),
      });
      continue;
    }
    const text = await folder.read(file, listing.leftOut);
    if (text === undefined) continue;
    files++;
    if (isGenerated(file.path, text)) {
      generated++;
      continue;
    }
    const facts = folder.facts(file, text);
    if (facts.problem !== undefined)
      failures.push({ file: file.path, line: facts.problem.line, problem: facts.problem.message });
    const test = isExamplePath(file.path);
    for (const one of facts.functions) functions.push({ file: file.path, test, ...one });
  }
  functions.sort((one, other) => other.complexity - one.complexity || other.lines - one.lines);
  const median = functions[Math.floor(functions.length / 2)]?.complexity ?? 0;
  functions.sort((one, other) => Number(one.test) - Number(other.test));
  return {
    root: folder.root,
    path: listing.path,
    files,
    leftOut: listing.leftOut,
    functions: functions.slice(0, limit),
    totalFunctions: functions.length,
    median,
    failures: failures.slice(0, limit),
    generated,
    others: [...others]
      .map(([extension, { files: count, bytes, largest }]) => ({ extension, files: count, bytes, largest }))
      .sort((one, other) => other.bytes - one.bytes)
      .slice(0, limit),
  };
}

function textOf(result: Output): string {
  const { functions, totalFunctions, median, failures, files, others } = result;
  const lines = functions.map(
    ({ file, line, name, complexity, lines: length }) =>
      `${file}:${line} ${name}: complexity ${complexity}, ${counted(length, "lines")}`,
  );
  const failed = failures.map(({ file, line, problem: reason }) => `${file}:${line} ${reason}`);
  const rest = others.reduce((sum, other) => sum + other.files, 0);
  return [
    `${counted(totalFunctions, "functions")} in ${counted(files, "files")}, median complexity ${median}.`,
    rest === 0 ? "" : ` ${counted(rest, "files")} in other languages: sizes only.`,
    leftOutWords(result),
    bullets(lines, totalFunctions),
    failed.length === 0 ? "" : `\nSyntax:${bullets(failed, failed.length)}`,
  ].join("");
}
