import { describe, expect, test } from "vitest";
import { toContentBlock, toModelContent } from "../../src/adapters/content.js";
import type { Content } from "../../src/core/result.js";

const text = (value: string): Content => ({ type: "text", text: value });

describe("toContentBlock()", () => {
  test.each<[string, Content, object]>([
    ["text", text("a"), { type: "text", text: "a" }],
    [
      "an image",
      { type: "image", data: "AA==", mimeType: "image/png" },
      { type: "image", data: "AA==", mimeType: "image/png" },
    ],
    [
      "audio",
      { type: "audio", data: "AA==", mimeType: "audio/wav" },
      { type: "audio", data: "AA==", mimeType: "audio/wav" },
    ],
    [
      "a resource of text",
      { type: "resource", resource: { uri: "a://b", mimeType: "text/plain", text: "inside" } },
      { type: "text", text: "inside" },
    ],
    [
      "a resource that is an image",
      { type: "resource", resource: { uri: "a://b", mimeType: "image/png", blob: "AA==" } },
      { type: "image", mimeType: "image/png", data: "AA==", metadata: { uri: "a://b" } },
    ],
    [
      "a resource that is a file",
      { type: "resource", resource: { uri: "a://b", mimeType: "application/pdf", blob: "AA==" } },
      { type: "file", mimeType: "application/pdf", data: "AA==", metadata: { uri: "a://b" } },
    ],
    [
      "a resource of no kind",
      { type: "resource", resource: { uri: "a://b", blob: "AA==" } },
      { type: "file", mimeType: "application/octet-stream", data: "AA==", metadata: { uri: "a://b" } },
    ],
    [
      "a link with all it can say",
      {
        type: "resource_link",
        uri: "file:///a.txt",
        name: "a",
        title: "The A",
        description: "All about A",
        mimeType: "text/plain",
        size: 12,
      },
      { type: "text", text: "The A: file:///a.txt (text/plain, 12 bytes)\nAll about A" },
    ],
    [
      "a link with no more than it must",
      { type: "resource_link", uri: "https://x.test/y", name: "y" },
      { type: "text", text: "y: https://x.test/y" },
    ],
    [
      "a kind of a later protocol",
      { type: "hologram", data: 1 } as unknown as Content,
      { type: "text", text: '{"type":"hologram","data":1}' },
    ],
  ])("%s", (_, block, expected) => {
    expect(toContentBlock(block)).toEqual(expected);
  });
});

describe("toModelContent()", () => {
  test("a single text is a plain string", () => {
    expect(toModelContent({ content: [text("a")] })).toBe("a");
    expect(toModelContent({ content: [text("a")], structuredContent: { a: 1 } })).toBe("a");
  });

  test("several blocks are a list", () => {
    expect(toModelContent({ content: [text("a"), text("b")] })).toEqual([text("a"), text("b")]);
  });

  test("structured content shows where no text does", () => {
    expect(toModelContent({ content: [], structuredContent: { n: 1 } })).toBe('{"n":1}');
    expect(toModelContent({ content: [], structuredContent: null })).toBe("null");
    const image: Content = { type: "image", data: "AA==", mimeType: "image/png" };
    expect(toModelContent({ content: [image] })).toEqual([
      { type: "text", text: "The result holds 1 image (image/png, 1 bytes)." },
      image,
    ]);
    expect(toModelContent({ content: [image], structuredContent: { n: 1 } })).toEqual([
      image,
      text('{"n":1}'),
    ]);
  });

  test("nothing at all is an empty string", () => {
    expect(toModelContent({ content: [] })).toBe("");
  });
});
