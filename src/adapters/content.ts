import type { ContentBlock } from "@langchain/core/messages";
import type { Content, ResourceContent, ResourceLinkContent, Result } from "../core/result.js";

/**
 * What a model sees of a result: one text as a plain string, as every provider takes it; anything else as
 * LangChain's standard content blocks. A result that has only structured content shows that, as JSON; one without
 * any text gets a line that says what it holds, as some providers pass on nothing but text.
 */
export function toModelContent(result: Result): string | ContentBlock.Standard[] {
  const [only] = result.content;
  if (only?.type === "text" && result.content.length === 1) return only.text;
  const blocks = result.content.map(toContentBlock);
  if (blocks.some((block) => block.type === "text")) return blocks;
  if (result.structuredContent !== undefined) {
    const json = JSON.stringify(result.structuredContent);
    return blocks.length === 0 ? json : [...blocks, { type: "text", text: json }];
  }
  if (blocks.length === 0) return "";
  return [{ type: "text", text: `The result holds ${blocks.map(nameOf).join(", ")}.` }, ...blocks];
}

function nameOf({ type, mimeType, data }: ContentBlock.Standard): string {
  const bytes = typeof data === "string" ? Buffer.byteLength(data, "base64") : 0;
  return `1 ${type} (${mimeType}, ${bytes} bytes)`;
}

/** One MCP content block as a LangChain standard content block. Nothing is fetched. */
export function toContentBlock(block: Content): ContentBlock.Standard {
  switch (block.type) {
    case "text":
      return { type: "text", text: block.text };
    case "image":
    case "audio":
      return { type: block.type, mimeType: block.mimeType, data: block.data };
    case "resource":
      return embedded(block);
    case "resource_link":
      return { type: "text", text: describeLink(block) };
    default:
      // A kind of a later protocol: shown as it is rather than lost.
      return { type: "text", text: JSON.stringify(block) };
  }
}

function embedded({ resource }: ResourceContent): ContentBlock.Standard {
  const { uri, text, blob } = resource;
  if (text !== undefined) return { type: "text", text };
  const mimeType = resource.mimeType ?? "application/octet-stream";
  const family = mimeType.split("/", 1)[0];
  const type = family === "image" || family === "audio" || family === "video" ? family : "file";
  return { type, mimeType, data: blob ?? "", metadata: { uri } };
}

/** In words, not as a URL block: providers would try to fetch that, and `file://` is not theirs to see. */
function describeLink(link: ResourceLinkContent): string {
  const facts = [link.mimeType, link.size === undefined ? undefined : `${link.size} bytes`]
    .filter(Boolean)
    .join(", ");
  const head = `${link.title ?? link.name}: ${link.uri}${facts === "" ? "" : ` (${facts})`}`;
  return link.description === undefined ? head : `${head}\n${link.description}`;
}
