import type { ContentBlock } from "@langchain/core/messages";
import { showHidden } from "../core/hidden.js";
import type { Content, ResourceContent, ResourceLinkContent, Result } from "../core/result.js";

/** A tool message without content is refused by some providers. */
const NOTHING = "(no content)";

/**
 * What a model sees of a result: one text as a plain string, as every provider takes it; anything else as
 * LangChain's standard content blocks. Structured content shows, as JSON, where no text does. A block that is not
 * text comes after a line that says what it is, as some providers pass on nothing but text. What the server meant
 * for the user alone is left out, unless nothing else is there. Invisible characters are shown (`showHidden`).
 */
export function toModelContent(result: Result): string | ContentBlock.Standard[] {
  const { structuredContent } = result;
  const forModel = result.content.filter((block) => !isForUserAlone(block));
  const shown = forModel.length === 0 && structuredContent === undefined ? result.content : forModel;
  const [only] = shown;
  if (only?.type === "text" && shown.length === 1) return showHidden(only.text);
  const blocks = shown.map(toContentBlock);
  const labelled = blocks.flatMap((block) => (block.type === "text" ? [block] : [labelOf(block), block]));
  if (structuredContent !== undefined && blocks.every(({ type }) => type !== "text")) {
    const json = showHidden(JSON.stringify(structuredContent));
    return blocks.length === 0 ? json : [...labelled, { type: "text", text: json }];
  }
  return labelled.length === 0 ? NOTHING : labelled;
}

function isForUserAlone({ annotations }: Content): boolean {
  const audience = annotations?.audience;
  return audience?.length === 1 && audience[0] === "user";
}

function labelOf({ type, mimeType, data, metadata }: ContentBlock.Standard): ContentBlock.Text {
  const bytes = typeof data === "string" ? Buffer.byteLength(data, "base64") : 0;
  const { uri } = (metadata ?? {}) as { readonly uri?: string };
  const facts = [mimeType, `${bytes} bytes`, ...(uri === undefined ? [] : [uri])];
  return { type: "text", text: showHidden(`[${type}: ${facts.join(", ")}]`) };
}

/** One MCP content block as a LangChain standard content block. Nothing is fetched. */
export function toContentBlock(block: Content): ContentBlock.Standard {
  switch (block.type) {
    case "text":
      return { type: "text", text: showHidden(block.text) };
    case "image":
    case "audio":
      return { type: block.type, mimeType: block.mimeType, data: block.data };
    case "resource":
      return embedded(block);
    case "resource_link":
      return { type: "text", text: showHidden(describeLink(block)) };
    default:
      // A kind of a later protocol: shown as it is rather than lost.
      return { type: "text", text: showHidden(JSON.stringify(block)) };
  }
}

function embedded({ resource }: ResourceContent): ContentBlock.Standard {
  const { uri, text, blob } = resource;
  // The URI, as two files in one result could not be told apart without.
  if (text !== undefined) return { type: "text", text: `${showHidden(uri)}:\n${showHidden(text)}` };
  const mimeType = resource.mimeType ?? "application/octet-stream";
  const family = mimeType.split("/", 1)[0];
  const type = family === "image" || family === "audio" || family === "video" ? family : "file";
  const filename = type === "file" ? lastSegment(uri) : undefined;
  const metadata = { uri, ...(filename === undefined ? {} : { filename }) };
  return { type, mimeType, data: blob ?? "", metadata };
}

/** OpenAI takes no file without a name. */
function lastSegment(uri: string): string | undefined {
  const [path = ""] = uri.split(/[?#]/, 1);
  return path
    .replace(/^[^:/]*:/, "")
    .split("/")
    .findLast((segment) => segment !== "");
}

/** In words, not as a URL block: providers would try to fetch that, and `file://` is not theirs to see. */
function describeLink(link: ResourceLinkContent): string {
  const facts = [link.mimeType, link.size === undefined ? undefined : `${link.size} bytes`]
    .filter(Boolean)
    .join(", ");
  const head = `${link.title ?? link.name}: ${link.uri}${facts === "" ? "" : ` (${facts})`}`;
  return link.description === undefined ? head : `${head}\n${link.description}`;
}
