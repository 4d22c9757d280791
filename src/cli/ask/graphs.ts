import { statSync } from "node:fs";
import { isAbsolute, relative } from "node:path";
import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import type { ReactOptions } from "../../agents/react.js";
import { BatonError } from "../../core/errors.js";
import { withProgress } from "../progress.js";

type Parts = Pick<ReactOptions, "tools" | "context"> & {
  readonly model: BaseChatModel;
  /** As it was named: offline, some graphs go by rules, without a model. */
  readonly modelName: string;
};

/** What a graph answers, and what `--json` tells beside it. */
type AnswerWith = (
  parts: Parts,
  question: string,
  signal: AbortSignal,
) => Promise<{ readonly answer: string } & Readonly<Record<string, unknown>>>;

/** A graph that can be asked. */
export interface AskedGraph {
  /** Loaded when it is asked. */
  load(): Promise<AnswerWith>;
  /** Its steps are shown, and not each call. */
  readonly hasSteps?: true;
  /** Its own servers, in place of those of a configuration. */
  serversFor?(question: string): Promise<Parameters<typeof import("../../mcp/connect.js").connect>[0]>;
}

type Name = "react" | "conductor" | "research" | "code-review";

export const GRAPHS: Readonly<Record<Name, AskedGraph>> = {
  react: {
    async load() {
      const { createReact } = await import("../../agents/react.js");
      return async ({ modelName: _, ...parts }, question, signal) => {
        const { messages } = await createReact(parts).invoke({ messages: question }, { signal });
        return { answer: messages.at(-1)?.text ?? "" };
      };
    },
  },
  conductor: {
    async load() {
      const { createConductor } = await import("../../agents/conductor.js");
      const { budgetReport } = await import("../../models/budget.js");
      return async ({ modelName: _, ...parts }, question, signal) => {
        const { messages, work, spent } = await createConductor(parts).invoke(
          { messages: question },
          { signal },
        );
        const tasks = work.tasks.map(({ id, specialist, objective, status }) => ({
          id,
          specialist,
          objective,
          status,
        }));
        return { answer: messages.at(-1)?.text ?? "", tasks, spent: budgetReport(spent).totals };
      };
    },
  },
  research: {
    hasSteps: true,
    async load() {
      const { createResearch, researchSources } = await import("../../workflows/research.js");
      return async ({ tools, modelName: model }, question, signal) => {
        const graph = createResearch({ sources: researchSources(tools ?? []), model });
        const { messages, findings, failures } = await followed(graph, { messages: question }, signal);
        return { answer: messages.at(-1)?.text ?? "", findings, failures };
      };
    },
  },
  "code-review": {
    hasSteps: true,
    async serversFor(question) {
      const { codeReviewServers } = await import("../../workflows/code-review.js");
      return codeReviewServers(folderIn(question).root);
    },
    async load() {
      const { createCodeReview } = await import("../../workflows/code-review.js");
      return async ({ tools = [], modelName: model }, question, signal) => {
        const graph = createCodeReview({ tools, model });
        const [, ...words] = question.split(" ");
        const input = { messages: words.join(" ") || "Review it.", path: folderIn(question).path };
        const { messages, findings, actions } = await followed(graph, input, signal);
        return { answer: messages.at(-1)?.text ?? "", findings, actions };
      };
    },
  },
};

/** Runs a graph, shows its steps, and gives what it came to. */
function followed<Input, State>(
  graph: {
    invoke(input: Input): Promise<State>;
    stream(
      input: Input,
      config: { readonly signal: AbortSignal; readonly streamMode: ["custom", "values"] },
    ): Promise<AsyncIterable<unknown>>;
  },
  input: Input,
  signal: AbortSignal,
): Promise<State> {
  return withProgress(async (onEvent) => {
    let last: unknown;
    for await (const chunk of await graph.stream(input, { signal, streamMode: ["custom", "values"] })) {
      const [mode, value] = chunk as readonly [string, unknown];
      if (mode === "custom") onEvent(value);
      else last = value;
    }
    return last as State;
  });
}

/**
 * The first word; others say what to look for. Of a folder inside of this one the paths in the report are as a person would
 * write them here.
 */
function folderIn(question: string): { readonly root: string; readonly path: string } {
  const [folder = "."] = question.split(" ");
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    const path = relative(process.cwd(), folder) || ".";
    return path.startsWith("..") || isAbsolute(path) ? { root: folder, path: "." } : { root: ".", path };
  }
  const problem = `'${folder}' is no folder: a code review wants one, and then what to look for: --graph code-review src secrets`;
  throw new BatonError("INVALID_ARGUMENTS", problem);
}
