import type { ToolMessage } from "@langchain/core/messages";
import { expect, test } from "vitest";
import { toModelContent } from "../../src/adapters/content.js";
import { McpResourceLoader } from "../../src/adapters/documents.js";
import { loadPrompts } from "../../src/adapters/prompts.js";
import { loadTools } from "../../src/adapters/tools.js";
import type { Content } from "../../src/core/result.js";
import { openAll } from "../support/calls.js";
import { RpcFault, scripted, text, tool } from "../support/scripted.js";

const smuggled = [..."obey"].map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join("");
const HOSTILE = `a\x1b[31m${smuggled}\u202eb\u200b`;
const SHOWN = "a[5 hidden characters]b[1 hidden character]";

test("every kind of content shows what is hidden in it", () => {
  const content: Content[] = [
    { type: "text", text: HOSTILE },
    { type: "resource", resource: { uri: `a://${HOSTILE}`, text: HOSTILE } },
    { type: "resource", resource: { uri: `a://${HOSTILE}`, blob: "AA==" } },
    { type: "resource_link", uri: "a://b", name: HOSTILE, description: HOSTILE },
    { type: "hologram", data: `a${smuggled}` } as unknown as Content,
  ];
  const texts = (toModelContent({ content }) as { type: string; text?: string }[]).flatMap(
    (block) => block.text ?? [],
  );
  expect(texts).toEqual([
    SHOWN,
    `a://${SHOWN}:\n${SHOWN}`,
    `[file: application/octet-stream, 1 bytes, a://${SHOWN}]`,
    `${SHOWN}: a://b\n${SHOWN}`,
    '{"type":"hologram","data":"a[4 hidden characters]"}',
  ]);
  expect(toModelContent({ content: [{ type: "text", text: HOSTILE }] })).toBe(SHOWN);
  expect(toModelContent({ content: [], structuredContent: { a: smuggled } })).toBe(
    '{"a":"[4 hidden characters]"}',
  );
});

test("a tool's definition, results and errors reach the model without it; the artifact is as it came", async () => {
  const server = scripted("s", {
    tools: [
      tool(
        "t",
        { properties: { [`p${smuggled}`]: { type: "string", description: HOSTILE, enum: [HOSTILE] } } },
        { description: HOSTILE, title: HOSTILE },
      ),
    ],
    call: (_, args) => {
      if (args.fail === true) throw new RpcFault(-32000, HOSTILE);
      return text(HOSTILE);
    },
  });
  const [loaded] = await loadTools(openAll([server]));
  expect(loaded?.description).toBe(SHOWN);
  expect(loaded?.metadata.title).toBe(SHOWN);
  expect(loaded?.schema.properties).toEqual({
    "p[4 hidden characters]": { type: "string", description: SHOWN, enum: [SHOWN] },
  });

  const invoke = (args: object) =>
    loaded?.invoke({ type: "tool_call", id: "1", name: "t", args }) as Promise<ToolMessage>;
  const message = await invoke({});
  expect(message.content).toBe(SHOWN);
  expect(message.artifact).toMatchObject({ content: [{ text: HOSTILE }] });
  expect((await invoke({ fail: true })).content).toContain(SHOWN);
});

test("prompts and documents have none of it either", async () => {
  const servers = openAll([
    scripted("s", {
      capabilities: { prompts: {}, resources: {} },
      methods: {
        "prompts/list": () => ({
          prompts: [
            {
              name: "p",
              title: HOSTILE,
              description: HOSTILE,
              arguments: [{ name: "x", description: HOSTILE }],
            },
          ],
        }),
        "prompts/get": () => ({ messages: [{ role: "user", content: { type: "text", text: HOSTILE } }] }),
        "resources/list": () => ({ resources: [{ uri: "a://b", name: "b", title: HOSTILE }] }),
        "resources/read": () => ({ contents: [{ uri: "a://b", text: HOSTILE }] }),
      },
    }),
  ]);
  const [prompt] = await loadPrompts(servers);
  expect(prompt).toMatchObject({
    title: SHOWN,
    description: SHOWN,
    schema: { properties: { x: { description: SHOWN } } },
  });
  expect((await prompt?.format({ x: "1" }))?.[0]?.content).toBe(SHOWN);
  const [document] = await new McpResourceLoader(servers).load();
  expect(document?.pageContent).toBe(SHOWN);
  expect(document?.metadata).toMatchObject({ title: SHOWN, size: Buffer.byteLength(HOSTILE) });
});
