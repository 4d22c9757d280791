import { z } from "zod";

/** What LangGraph Studio and Open Agent Platform read beside JSON Schema: which node an option belongs to, how it is asked. */
type FormHints = Readonly<Record<string, unknown>>;

/** The chat model of a run, as `resolveModel` takes it. @default `LANGBATON_MODEL`, else `"offline"` */
export function modelOption(standard: string = process.env.LANGBATON_MODEL || "offline") {
  return described(z.string().default(standard), {
    title: "Model",
    description:
      '"offline" answers without a key by matching words; "openai:gpt-5" and the like ask a provider, with the key from the environment.',
    x_oap_ui_config: { type: "text", label: "Model", default: standard, placeholder: "openai:gpt-5" },
  });
}

/** The instructions of an agent. @default those that it has built in */
export function promptOption() {
  const title = "Instructions";
  return described(z.string().optional(), {
    title,
    description: "What the model is told before the conversation. Empty: the agent's own instructions.",
    langgraph_type: "prompt",
    langgraph_nodes: ["model_request"],
    x_oap_ui_config: { type: "textarea", label: title },
  });
}

/** Tools before whose calls a person is asked, as `server.tool` patterns: for `approve({ tools })`. @default none */
export function approveOption() {
  return described(z.array(z.string()).default([]), {
    title: "Ask before",
    description:
      'Tools that wait for a person, as patterns: "enterprise.*", "*.write_*". Calls that can do harm always do.',
    examples: [["enterprise.query_database"]],
  });
}

function described<Schema extends z.ZodType>(schema: Schema, hints: FormHints): Schema {
  return schema.meta(hints) as Schema;
}
