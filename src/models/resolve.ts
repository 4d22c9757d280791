import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { BatonError, reasonOf } from "../core/errors.js";
import { offline } from "./offline.js";

export interface ResolveOptions {
  /** Where keys and base URLs are read. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Servers such as Ollama and vLLM ask for no key, but the OpenAI client refuses to start without one. */
const NO_KEY = "none";

/** An optional peer: its client alone is 20 MB. */
const OPENAI_PACKAGE = "@langchain/openai@1";

/**
 * The chat model that a name stands for: `offline`, `openai:gpt-5`, or any `provider:model` of LangChain whose
 * package is installed. A model object is returned as it is. `openai` reads OPENAI_API_KEY and OPENAI_BASE_URL;
 * with a base URL alone it speaks to a local server, such as Ollama or vLLM. Packages load on first use.
 *
 * @throws BatonError `CONFIG_INVALID` for an unknown name, a missing key or a missing package.
 * @example
 * ```ts
 * const model = await resolveModel(process.env.MODEL ?? "offline");
 * ```
 */
export async function resolveModel(
  model: string | BaseChatModel,
  options: ResolveOptions = {},
): Promise<BaseChatModel> {
  if (typeof model !== "string") return model;
  const [provider = "", name = ""] = splitOnce(model.trim());
  if (provider === "offline" && name === "") return offline();
  if (provider === "" || name === "") {
    throw invalid(model, `is no model: expected "offline" or "provider:name", such as "openai:gpt-5"`);
  }
  return provider === "openai"
    ? openAi(model, name, options.env ?? process.env)
    : fromLangChain(model, provider);
}

function splitOnce(model: string): [string, string] {
  const colon = model.indexOf(":");
  return colon === -1 ? [model, ""] : [model.slice(0, colon).trim(), model.slice(colon + 1).trim()];
}

async function openAi(
  model: string,
  name: string,
  env: NonNullable<ResolveOptions["env"]>,
): Promise<BaseChatModel> {
  const apiKey = env.OPENAI_API_KEY;
  const baseURL = env.OPENAI_BASE_URL;
  if (!apiKey && !baseURL) {
    throw invalid(
      model,
      `needs a key: set OPENAI_API_KEY, or OPENAI_BASE_URL for a local server, or use the model "offline"`,
    );
  }
  const { ChatOpenAI } = await import("@langchain/openai").catch((cause: unknown) => {
    const problem = `needs a package that cannot be loaded: npm install ${OPENAI_PACKAGE} (${reasonOf(cause)})`;
    throw invalid(model, problem, cause);
  });
  return new ChatOpenAI({
    model: name,
    apiKey: apiKey || NO_KEY,
    ...(baseURL && { configuration: { baseURL } }),
  });
}

async function fromLangChain(model: string, provider: string): Promise<BaseChatModel> {
  try {
    const { initChatModel } = await import("langchain");
    return await initChatModel(model);
  } catch (cause) {
    throw invalid(model, `cannot be loaded from provider "${provider}": ${reasonOf(cause)}`, cause);
  }
}

function invalid(model: string, problem: string, cause?: unknown): BatonError {
  const known = `Known: "offline", "openai:NAME" and the providers of LangChain's initChatModel; any LangChain chat model object works too.`;
  return new BatonError("CONFIG_INVALID", `model "${model}" ${problem}. ${known}`, {
    data: { faults: [{ model, problem }] },
    ...(cause !== undefined && { cause }),
  });
}
