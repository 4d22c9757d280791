import type { McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";
import { counted, READ_ONLY, reply } from "../../enterprise/tools/shared.js";
import type { Folder } from "../folder.js";
import { type SecretFinding, secretsIn } from "../secrets/scan.js";
import { bullets, codeInput, codeOutput, leftOutWords, place } from "./shared.js";

const finding = z.object({
  ...place,
  kind: z.string(),
  severity: z.enum(["critical", "high", "medium", "info"]),
  excerpt: z.string().describe("The line, with marks in place of what is secret"),
});

const output = z.object({
  ...codeOutput,
  findings: z.array(finding),
  totalFindings: z.int(),
  likelyExamples: z
    .array(finding.extend({ reason: z.string() }))
    .describe("What has the form of a secret and is none most likely"),
  totalExamples: z.int(),
});

type Output = z.infer<typeof output>;

const ORDER = ["critical", "high", "medium", "info"];

export function registerSecrets(server: McpServer, folder: Folder): void {
  server.registerTool(
    "secrets",
    {
      title: "Find secrets in files",
      description:
        "Finds API keys, tokens, private keys and passwords in files of every kind, and says where they stand without " +
        "showing them. Published examples, placeholders and what tests make up are listed apart. Past commits are not read.",
      inputSchema: codeInput,
      outputSchema: output,
      annotations: READ_ONLY,
    },
    async ({ path, limit }) => {
      const result = await scan(folder, path, limit);
      return reply(textOf(result), result);
    },
  );
}

async function scan(folder: Folder, path: string, limit: number): Promise<Output> {
  const listing = await folder.list(path);
  const findings: SecretFinding[] = [];
  const examples: Output["likelyExamples"] = [];
  let files = 0;
  for (const file of listing.files) {
    const text = await folder.read(file, listing.leftOut);
    if (text === undefined) continue;
    files++;
    for (const { reason, ...found } of await secretsIn(file.path, text)) {
      if (reason === undefined) findings.push(found);
      else examples.push({ ...found, reason });
    }
  }
  findings.sort((one, other) => ORDER.indexOf(one.severity) - ORDER.indexOf(other.severity));
  return {
    root: folder.root,
    path: listing.path,
    files,
    leftOut: listing.leftOut,
    findings: findings.slice(0, limit),
    totalFindings: findings.length,
    likelyExamples: examples.slice(0, limit),
    totalExamples: examples.length,
  };
}

function textOf(result: Output): string {
  const { findings, totalFindings, totalExamples, files } = result;
  const lines = findings.map(
    ({ file, line, kind, severity, excerpt }) => `${severity}: ${file}:${line} ${kind}: ${excerpt}`,
  );
  const examples =
    totalExamples === 0
      ? ""
      : ` ${totalExamples} more ${totalExamples === 1 ? "looks" : "look"} like one and ${totalExamples === 1 ? "is an example" : "are examples"} most likely.`;
  return `${counted(totalFindings, "secrets")} in ${counted(files, "files")}.${examples}${leftOutWords(result)}${bullets(lines, totalFindings)}`;
}
