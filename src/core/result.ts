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

/** A block of a result, as MCP has it: text, an image or audio in base64, an embedded resource, or a link to one. */
export type Content = TextContent | MediaContent | ResourceContent | ResourceLinkContent;

/** How a result was obtained, filled in by the middleware that knows. */
export interface Obtained {
  /** How often the call was tried; absent for once. */
  readonly attempts?: number;
  readonly cache?: "hit" | "miss";
  /** Age of a result that was kept, from the cache or under an idempotency key, in milliseconds. */
  readonly ageMs?: number;
  /** True when it is the kept result of an earlier run with the same idempotency key. */
  readonly replayed?: boolean;
  /** True when a second, hedged request gave it. */
  readonly hedged?: boolean;
  /** True for an answer that was given in place of the tool's. */
  readonly fallback?: boolean;
  /** The server that answered, when it was not the one asked first. */
  readonly server?: string;
  /** The tool that answered, when it was not the one asked first. */
  readonly tool?: string;
  /** Who approved the call, as far as the decision said. */
  readonly approvedBy?: string;
  /** SHA-256 of the canonical JSON of the arguments that ran, when a person had edited them. */
  readonly ranArgsHash?: string;
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

/** A result with more said on how it was obtained; what was said before stays. */
export function withObtained(result: Result, facts: Obtained): Result {
  return { ...result, obtained: { ...result.obtained, ...facts } };
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
