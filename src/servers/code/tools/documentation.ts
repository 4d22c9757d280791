import type { McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";
import { counted, READ_ONLY, reply } from "../../enterprise/tools/shared.js";
import { survey } from "../documentation/survey.js";
import type { Folder } from "../folder.js";
import { bullets, codeInput, codeOutput, leftOutWords, place } from "./shared.js";

const output = z.object({
  ...codeOutput,
  undocumented: z
    .array(z.object({ ...place, name: z.string(), public: z.boolean() }))
    .describe(
      "Exported names without a docstring; public ones, which the package's users import, come first",
    ),
  totalExports: z.int(),
  totalUndocumented: z.int(),
  totalPublic: z.int().describe("Public names; 0 when no package.json leads to sources"),
  publicUndocumented: z.int(),
  readme: z.object({
    file: z.string().nullable().describe("null when there is none"),
    missing: z.array(z.enum(["title", "description", "installation", "usage", "licence"])),
  }),
  brokenLinks: z
    .array(z.object({ ...place, target: z.string() }))
    .describe("Links in Markdown to files that do not exist"),
  totalBrokenLinks: z.int(),
});

export type DocumentationOutput = z.infer<typeof output>;

export function registerDocumentation(server: McpServer, folder: Folder): void {
  server.registerTool(
    "documentation",
    {
      title: "Check documentation",
      description:
        "Finds exported names without a docstring in TypeScript and JavaScript modules, what a README lacks, and relative " +
        "links in Markdown that lead nowhere. Anchors within pages and links to other sites are not followed.",
      inputSchema: codeInput,
      outputSchema: output,
      annotations: READ_ONLY,
    },
    async ({ path, limit }) => {
      const result = await survey(folder, path, limit);
      return reply(textOf(result), result);
    },
  );
}

function textOf(result: DocumentationOutput): string {
  const { undocumented, totalExports, totalUndocumented, publicUndocumented, readme } = result;
  const { brokenLinks, totalBrokenLinks } = result;
  const names = undocumented.map(
    ({ file, line, name, public: isPublic }) => `${file}:${line} ${name}${isPublic ? " (public)" : ""}`,
  );
  const links = brokenLinks.map(({ file, line, target }) => `${file}:${line} ${target}`);
  const lacks = readme.missing.length === 0 ? "lacks nothing" : `lacks ${readme.missing.join(", ")}`;
  return [
    `${totalUndocumented} of ${counted(totalExports, "exports")} have no docstring, ${publicUndocumented} of them public.`,
    readme.file === null ? " There is no README." : ` ${readme.file} ${lacks}.`,
    ` ${counted(totalBrokenLinks, "broken links")}.`,
    leftOutWords(result),
    names.length === 0 ? "" : `\nWithout a docstring:${bullets(names, totalUndocumented)}`,
    links.length === 0 ? "" : `\nBroken links:${bullets(links, totalBrokenLinks)}`,
  ].join("");
}
