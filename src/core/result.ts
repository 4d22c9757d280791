/** Who a block is meant for, and how much it matters (0 to 1). */
export interface ContentAnnotations {
  readonly audience?: readonly ("user" | "assistant")[];
  readonly priority?: number;
  readonly lastModified?: string;
}

interface ContentBase {
  readonly annotations?: ContentAnnotations;
  readonly _meta?: Readonly<Record<string, unknown>>;
}

export interface TextContent extends ContentBase {
  readonly type: "text";
  readonly text: string;
}

/** `data` is base64. */
export interface MediaContent extends ContentBase {
  readonly type: "image" | "audio";
  readonly data: string;
  readonly mimeType: string;
}

/** A resource's content in the result itself: either `text` or `blob` (base64). */
export interface ResourceContent extends ContentBase {
  readonly type: "resource";
  readonly resource: {
    readonly uri: string;
    readonly mimeType?: string;
    readonly text?: string;
    readonly blob?: string;
    readonly _meta?: Readonly<Record<string, unknown>>;
  };
}

/** A pointer to a resource; nothing fetches it unasked. */
export interface ResourceLinkContent extends ContentBase {
  readonly type: "resource_link";
  readonly uri: string;
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly mimeType?: string;
  readonly size?: number;
}

export type Content = TextContent | MediaContent | ResourceContent | ResourceLinkContent;

/** How a result was obtained, filled in by the middleware that knows. */
export interface Obtained {
  readonly attempts?: number;
  readonly cache?: "hit" | "miss";
  readonly ageMs?: number;
  /** The server that answered, when it was not the one asked first. */
  readonly server?: string;
}

/**
 * MCP's `CallToolResult`, and how it was obtained. `isError` says that the tool ran and failed: the model
 * reads that, and nothing retries it by itself. Every other failure is a thrown `BatonError`.
 */
export interface Result {
  readonly content: readonly Content[];
  /** Any JSON value; checked against the tool's output schema when it has one. */
  readonly structuredContent?: unknown;
  readonly isError?: boolean;
  readonly _meta?: Readonly<Record<string, unknown>>;
  readonly obtained?: Obtained;
}

/** All text of a result, blocks joined by newlines: what a log or an error message shows. */
export function resultText(result: Result): string {
  const lines: string[] = [];
  for (const block of result.content) {
    if (block.type === "text") lines.push(block.text);
    else if (block.type === "resource" && block.resource.text !== undefined) lines.push(block.resource.text);
  }
  if (lines.length === 0 && result.structuredContent !== undefined) {
    return JSON.stringify(result.structuredContent);
  }
  return lines.join("\n");
}
