import { isRecord } from "./schema.js";
import type { BoundTool } from "./tools.js";

/** Which tools a caller wants used: all at will, none, some one at least, or one by name. */
export type ToolChoice =
  | { readonly kind: "auto" | "none" | "any" }
  | { readonly kind: "named"; readonly name: string };

/** Reads `tool_choice` in the forms of LangChain, OpenAI and Anthropic. */
export function readToolChoice(choice: unknown): ToolChoice {
  if (choice === undefined || choice === null || choice === "auto") return { kind: "auto" };
  if (choice === "none") return { kind: "none" };
  if (choice === "any" || choice === "required") return { kind: "any" };
  if (typeof choice === "string") return { kind: "named", name: choice };
  if (!isRecord(choice)) return { kind: "auto" };
  const inner = isRecord(choice.function) ? choice.function : choice;
  if (typeof inner.name === "string") return { kind: "named", name: inner.name };
  return readToolChoice(choice.type);
}

/**
 * The tools that are forms for the answer rather than something to run: `withStructuredOutput` names its form,
 * and `createAgent` puts the form of `responseFormat`, a bare definition, beside runnable tools and forces a call.
 */
export function answerForms(tools: readonly BoundTool[], choice: ToolChoice): BoundTool[] {
  if (choice.kind === "auto" || choice.kind === "none") return [];
  const definitions = tools.filter(({ from }) => from === "definition");
  if (choice.kind === "named") return definitions.filter((tool) => tool.function.name === choice.name);
  const besideTools = definitions.length < tools.length;
  return definitions.filter(
    (tool) => besideTools || /^extract\b/i.test(tool.function.name) || tools.length === 1,
  );
}
