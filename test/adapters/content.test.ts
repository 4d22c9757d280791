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
      { type: "text", text: "a://b:\ninside" },
    ],
    [
      "a resource that is an image",
      { type: "resource", resource: { uri: "a://b", mimeType: "image/png", blob: "AA==" } },
      { type: "image", mimeType: "image/png", data: "AA==", metadata: { uri: "a://b" } },
    ],
    [
      "a resource that is a file",
      { type: "resource", resource: { uri: "a://b", mimeType: "application/pdf", blob: "AA==" } },
      { type: "file", mimeType: "application/pdf", data: "AA==", metadata: { uri: "a://b", filename: "b" } },
    ],
    [
      "a resource of no kind",
      { type: "resource", resource: { uri: "a://b", blob: "AA==" } },
      {
        type: "file",
        mimeType: "application/octet-stream",
        data: "AA==",
        metadata: { uri: "a://b", filename: "b" },
      },
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

  test.each([
    ["file:///docs/c.pdf", "c.pdf"],
    ["https://x.test/a/c.pdf?version=2#page", "c.pdf"],
    ["https://x.test/a/", "a"],
    ["urn:c.pdf", "c.pdf"],
    ["file:///", undefined],
  ])("a file at %s is named %s", (uri, filename) => {
    const block = toContentBlock({ type: "resource", resource: { uri, blob: "AA==" } });
    expect(block.metadata).toEqual({ uri, ...(filename === undefined ? {} : { filename }) });
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
    expect(toModelContent({ content: [image] })).toEqual([text("[image: image/png, 1 bytes]"), image]);
    expect(toModelContent({ content: [image], structuredContent: { n: 1 } })).toEqual([
      text("[image: image/png, 1 bytes]"),
      image,
      text('{"n":1}'),
    ]);
  });

  test("every block that is not text comes after a line that says what it is", () => {
    const image: Content = { type: "image", data: "AA==", mimeType: "image/png" };
    const pdf: Content = {
      type: "resource",
      resource: { uri: "file:///c.pdf", mimeType: "application/pdf", blob: "AAECAwQFBgcICQoL" },
    };
    expect(toModelContent({ content: [text("see"), image, pdf] })).toEqual([
      text("see"),
      text("[image: image/png, 1 bytes]"),
      image,
      text("[file: application/pdf, 12 bytes, file:///c.pdf]"),
      {
        type: "file",
        mimeType: "application/pdf",
        data: "AAECAwQFBgcICQoL",
        metadata: { uri: "file:///c.pdf", filename: "c.pdf" },
      },
    ]);
  });

  test("two embedded files can be told apart", () => {
    const file = (uri: string): Content => ({ type: "resource", resource: { uri, text: "same" } });
    expect(toModelContent({ content: [file("file:///a.txt"), file("file:///b.txt")] })).toEqual([
      text("file:///a.txt:\nsame"),
      text("file:///b.txt:\nsame"),
    ]);
  });

  test("what is for the user alone is not shown to the model, unless nothing else is there", () => {
    const forUser: Content = { type: "text", text: "for you", annotations: { audience: ["user"] } };
    const forBoth: Content = { type: "text", text: "both", annotations: { audience: ["user", "assistant"] } };
    expect(toModelContent({ content: [forUser, text("a")] })).toBe("a");
    expect(toModelContent({ content: [forUser, forBoth] })).toBe("both");
    expect(toModelContent({ content: [forUser], structuredContent: { n: 1 } })).toBe('{"n":1}');
    expect(toModelContent({ content: [forUser] })).toBe("for you");
  });

  test("nothing at all is said to be nothing, as some providers refuse an empty message", () => {
    expect(toModelContent({ content: [] })).toBe("(no content)");
  });
});
