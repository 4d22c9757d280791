import { type StructuredToolInterface, tool } from "@langchain/core/tools";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

/** A running MCP server and its tools as LangChain tools, made here so that these tests need no other part. */
export interface ServerUnderTest {
  readonly client: Client;
  readonly tools: readonly StructuredToolInterface[];
}

/** Starts a server with Node and lists its tools. The caller closes `client`. */
export async function startServer(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<ServerUnderTest> {
  const client = new Client({ name: "offline-model-test", version: "1.0.0" });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [...args],
      stderr: "ignore",
      env: { PATH: process.env.PATH ?? "", ...env },
    }),
  );
  const { tools } = await client.listTools();
  return {
    client,
    tools: tools.map(({ name, description = "", inputSchema, annotations }) =>
      tool(
        async (input: unknown) => {
          const result = await client.callTool({ name, arguments: input as Record<string, unknown> });
          const content = result.content as readonly { type: string; text?: string }[];
          const text = content.map((block) => block.text ?? `[${block.type}]`).join("\n");
          if (result.isError) throw new Error(text);
          return text;
        },
        { name, description, schema: inputSchema as Record<string, unknown>, metadata: { annotations } },
      ),
    ),
  };
}
