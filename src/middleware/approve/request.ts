import type { Call } from "../../core/call.js";
import { BatonError } from "../../core/errors.js";
import { showHidden } from "../../core/hidden.js";

/** How much harm a call can do. */
export type Risk = "low" | "medium" | "high";

/**
 * What a person is asked: LangChain's human-in-the-loop request, with one action, so that every client of
 * `humanInTheLoopMiddleware` can show and answer it. The keys after those two are more than such a client needs.
 */
export interface ApprovalRequest {
  readonly actionRequests: readonly [
    {
      /** The server's own name of the tool. */
      readonly name: string;
      readonly args: Readonly<Record<string, unknown>>;
      readonly description: string;
    },
  ];
  readonly reviewConfigs: readonly [
    { readonly actionName: string; readonly allowedDecisions: readonly ["approve", "edit", "reject"] },
  ];
  readonly server: string;
  readonly tool: string;
  readonly risk: Risk;
  /** The model's id of the call. */
  readonly toolCallId?: string;
  /** Stands for this question alone: the tool, its arguments, the thread, the call. A decision may repeat it. */
  readonly hash: string;
  /** Milliseconds since the epoch; a decision that comes later does not count. */
  readonly expiresAt: number;
}

interface DecisionFacts {
  /** The request's `hash`: the decision then counts for that question and no other. */
  readonly hash?: string;
  /** Who decided. */
  readonly by?: string;
}

/** LangChain's decisions. An edit changes the arguments and nothing else. */
export type ApprovalDecision = DecisionFacts &
  (
    | { readonly type: "approve" }
    | {
        readonly type: "edit";
        readonly editedAction: { readonly name: string; readonly args: Readonly<Record<string, unknown>> };
      }
    | { readonly type: "reject"; readonly message?: string }
  );

/** A request without its description, which is written when it is certain that somebody will read it. */
export function toRequest(call: Call, risk: Risk, hash: string, expiresAt: number): ApprovalRequest {
  const { server, tool, args, toolCallId } = call;
  return {
    actionRequests: [{ name: tool, args, description: "" }],
    reviewConfigs: [{ actionName: tool, allowedDecisions: ["approve", "edit", "reject"] }],
    server,
    tool,
    risk,
    ...(toolCallId === undefined ? {} : { toolCallId }),
    hash,
    expiresAt,
  };
}

export type Preview = (call: Call) => string | Promise<string>;

/**
 * The same request with words for a person, in which nothing is hidden from them: the action keeps its name and
 * arguments as they are, for a program to send back. A preview that fails says so there: it must not keep them from
 * deciding.
 */
export async function described(
  request: ApprovalRequest,
  call: Call,
  preview: Preview | undefined,
  note?: string,
): Promise<ApprovalRequest> {
  const [action] = request.actionRequests;
  const { server, tool, risk } = request;
  const lines = [
    // Quoted, as a server chooses its tools' names and could fake a line of ours with one.
    `The tool ${quoted(tool)} of the server ${quoted(server)} asks for approval. Risk: ${risk}.`,
    ...(note === undefined ? [] : [`A decision came that does not count: ${note}.`]),
    await previewOf(call, preview),
  ].map(showHidden);
  return { ...request, actionRequests: [{ ...action, description: lines.join("\n\n") }] };
}

async function previewOf(call: Call, preview: Preview | undefined): Promise<string> {
  if (preview === undefined) return `Arguments: ${quoted(call.args)}`;
  try {
    return await preview(call);
  } catch (error) {
    return `There is no preview: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** As JSON, also of the controls that JSON leaves as they are: one of them could take the text after it along. */
export function quoted(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(
    C1,
    (control) => `\\u00${control.charCodeAt(0).toString(16)}`,
  );
}

const C1 = /[\x7F-\x9F]/g;

/** A decision out of what a person's program sent, or the reason why it is none. */
export function readDecision(value: unknown): ApprovalDecision | string {
  if (!isObject(value)) return "it is not an object with a type";
  const { type, hash, by, message, editedAction } = value;
  if (hash !== undefined && typeof hash !== "string") return "its hash is not text";
  const facts = { ...(hash === undefined ? {} : { hash }), ...(typeof by === "string" ? { by } : {}) };
  switch (type) {
    case "approve":
      return { type, ...facts };
    case "reject":
      return { type, ...facts, ...(typeof message === "string" ? { message } : {}) };
    case "edit":
      if (!isObject(editedAction) || typeof editedAction.name !== "string" || !isObject(editedAction.args))
        return "its editedAction is not an object with a name and args, an object";
      return { type, ...facts, editedAction: { name: editedAction.name, args: editedAction.args } };
    default:
      return "its type is none of approve, edit, reject";
  }
}

/** The one decision of a resume value `{ decisions: [decision] }`. */
export function readResponse(value: unknown): ApprovalDecision | string {
  const decisions = isObject(value) ? value.decisions : undefined;
  if (!Array.isArray(decisions)) return "it is not an object with decisions, a list";
  if (decisions.length !== 1) return `it has ${decisions.length} decisions for one call`;
  return readDecision(decisions[0]);
}

/** Why a call was not let through, for programs. */
export type Reason = "rejected" | "expired" | "edited" | "changed" | "unreadable";

export function rejected(call: Call, reason: Reason, problem: string, by?: string): BatonError {
  const { server, tool } = call;
  return new BatonError("REJECTED", `server '${server}', tool '${tool}': ${problem}`, {
    data: { server, tool, reason, ...(by === undefined ? {} : { by }) },
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
