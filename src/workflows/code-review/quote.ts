import { join } from "node:path";
import type { StructuredToolInterface } from "@langchain/core/tools";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { createMask } from "../../middleware/minimise/mask.js";
import { callTool } from "./call-tool.js";
import type { Draft } from "./types.js";

const AFTER = 4;
/** In an address, also without a password: it may be a token. */
const USER = /:\/\/[^\s/@"'`]{1,300}@/g;
const LONGEST_LINE = 160;
/** A file is read from its beginning, so that what stands far below costs much for a few lines. */
const DEEPEST_LINE = 5000;

/**
 * The lines at a finding, through a filesystem server's `read_text_file`, with line numbers. Secrets that stand beside it
 * are masked. Undefined when the file cannot be read.
 */
export async function quote(
  { file, line }: Draft,
  { root, isSecret }: { readonly root: string; readonly isSecret: (line: number) => boolean },
  reader: StructuredToolInterface,
  config: LangGraphRunnableConfig,
): Promise<string | undefined> {
  if (line > DEEPEST_LINE) return undefined;
  const answer = await callTool(reader, { path: join(root, file), head: line + AFTER }, config);
  if (!answer.ok) return undefined;
  const masked = createMask(["secret"])(answer.text.replace(USER, "://[secret]@")).split("\n");
  // A key of several lines became one: no line stands where it stood.
  if (masked.length !== answer.text.split("\n").length) return undefined;
  const lines = masked.slice(line - 1, line + AFTER);
  if (lines.length === 0) return undefined;
  const width = String(line + AFTER).length;
  return lines
    .map((text, index) => {
      const cut = isSecret(line + index) ? "[a line with a secret]" : text.trimEnd();
      const shown = cut.length > LONGEST_LINE ? `${cut.slice(0, LONGEST_LINE)}…` : cut;
      return `${String(line + index).padStart(width)} | ${shown}`;
    })
    .join("\n");
}
