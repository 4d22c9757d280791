import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type CallToolResult, Client, InMemoryTransport } from "@modelcontextprotocol/client";
import { onTestFinished } from "vitest";
import { createCodeServer } from "../../../src/servers/code/server.js";

/** A folder with these files, which is gone when its test is over. */
export function folderOf(files: Readonly<Record<string, string | Buffer>>): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "langbaton-code-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

/** Calls tools of a code server over a folder, through a real client. */
export async function codeClient(root: string) {
  const client = new Client({ name: "test", version: "1.0.0" });
  const [near, far] = InMemoryTransport.createLinkedPair();
  await Promise.all([createCodeServer(root).connect(far), client.connect(near)]);
  onTestFinished(() => client.close());

  async function call<Data = Record<string, unknown>>(name: string, args: Record<string, unknown> = {}) {
    const result = (await client.callTool({ name, arguments: args })) as CallToolResult;
    const [block] = result.content;
    return {
      text: block?.type === "text" ? block.text : "",
      isError: result.isError === true,
      data: result.structuredContent as Data,
    };
  }
  return { client, call };
}
