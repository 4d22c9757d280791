import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage, type BaseMessage, HumanMessage } from "@langchain/core/messages";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { resolver } from "../../agents/late-model.js";
import type { Clock } from "../../core/clock.js";
import { BatonError, isInterrupt, reasonOf } from "../../core/errors.js";
import { emitWarning } from "../../core/warning.js";
import { fanOut } from "../../execution/fan-out.js";
import { recentWindow } from "../../memory/window.js";
import { analyseByModel, planByModel, writeByModel } from "./ask-model.js";
import { checkCitations, documentsOf, numberCitations } from "./citations.js";
import { composeAnswer, notesBelow, sourceList } from "./compose.js";
import { markSuperseded } from "./conflicts.js";
import { isoDay } from "./dates.js";
import { dedupe as dedupePassages } from "./dedupe.js";
import { extractPoints } from "./extract.js";
import { planQueries } from "./plan.js";
import { searchAll } from "./search.js";
import type { ResearchSource } from "./source.js";
import type { Finding, ResearchState, ResearchUpdate } from "./state.js";

export interface ResearchNodesOptions {
  readonly sources: readonly ResearchSource[];
  readonly model: string | BaseChatModel;
  readonly limits: { readonly perSource: number; readonly top: number; readonly timeoutMs: number };
  readonly clock: Clock;
}

/** What a run reports of a step that it ended, in the stream mode "custom". */
export interface StepEvent {
  readonly type: "step";
  readonly step: "plan" | "search" | "dedupe" | "analyse" | "synthesise";
  /** How many queries, passages, findings, findings that answer, or cited documents it left. */
  readonly count: number;
  /** The same in words, such as "2 queries". */
  readonly detail: string;
}

/** One and several of what each step leaves. */
const NOUNS: Readonly<Record<StepEvent["step"], readonly [one: string, several: string]>> = {
  plan: ["query", "queries"],
  search: ["passage", "passages"],
  dedupe: ["passage kept", "passages kept"],
  analyse: ["passage with an answer", "passages with an answer"],
  synthesise: ["document cited", "documents cited"],
};

const MODEL_CALLS_AT_ONCE = 5;

/** The five nodes of a research. */
export function researchNodes({ sources, model, limits, clock }: ResearchNodesOptions) {
  const resolve = isOffline(model) ? undefined : resolver(model);
  return { plan, search, dedupe, analyse, synthesise };

  async function plan({ messages }: ResearchState, config: LangGraphRunnableConfig): Promise<ResearchUpdate> {
    const { question, before } = questionOf(messages);
    const byRules = () => planQueries(question, clock.now(), before);
    const chat = await resolve?.();
    const queries =
      chat === undefined
        ? byRules()
        : await orWithout(
            "the searches were planned",
            config,
            () => planByModel(chat, recentWindow(messages), sources, clock.now(), config),
            byRules,
          );
    tell(config, "plan", queries.length);
    return { queries, found: [], findings: [], failures: [] };
  }

  async function search(
    { queries }: ResearchState,
    config: LangGraphRunnableConfig,
  ): Promise<ResearchUpdate> {
    const { perSource, timeoutMs } = limits;
    const { found, failures } = await searchAll(sources, queries, {
      perSource,
      timeoutMs,
      clock,
      signal: config.signal,
      onSearch: (event) => config.writer?.(event),
    });
    tell(
      config,
      "search",
      found.reduce((sum, { passages }) => sum + passages.length, 0),
    );
    return { found, failures };
  }

  function dedupe({ found, queries }: ResearchState, config: LangGraphRunnableConfig): ResearchUpdate {
    const findings = dedupePassages(found, queries, limits.top);
    tell(config, "dedupe", findings.length);
    return { findings, found: [] };
  }

  async function analyse(
    { findings, queries }: ResearchState,
    config: LangGraphRunnableConfig,
  ): Promise<ResearchUpdate> {
    const chat = await resolve?.();
    const byWords = extractPoints(findings, queries);
    const analysed = chat === undefined ? byWords : await analyseAll(chat, byWords, queries, config);
    const marked = markSuperseded(analysed, isoDay(clock.now()));
    tell(config, "analyse", marked.filter(({ points }) => points.length > 0).length);
    return { findings: marked };
  }

  /** A passage that the model cannot read is analysed by its words. */
  async function analyseAll(
    chat: BaseChatModel,
    byWords: readonly Finding[],
    queries: ResearchState["queries"],
    config: LangGraphRunnableConfig,
  ): Promise<readonly Finding[]> {
    const jobs = byWords.map((finding, index) => ({
      name: `passage ${index + 1}`,
      run: (signal: AbortSignal) =>
        orWithout(
          `passage ${index + 1} was analysed`,
          { ...config, signal },
          () => analyseByModel(chat, finding, queries, { ...config, signal }),
          () => finding,
        ),
    }));
    const { results } = await fanOut(jobs, {
      concurrency: MODEL_CALLS_AT_ONCE,
      require: jobs.length,
      ...(config.signal && { signal: config.signal }),
    });
    return results.map(({ value }) => value);
  }

  async function synthesise(state: ResearchState, config: LangGraphRunnableConfig): Promise<ResearchUpdate> {
    const { messages, queries, findings, failures } = state;
    const documents = documentsOf(findings);
    const composed = (below = "") => numberCitations(composeAnswer(queries, findings) + below, documents);
    const hasPoints = findings.some(({ points }) => points.length > 0);
    const chat = hasPoints ? await resolve?.() : undefined;
    const written =
      chat === undefined
        ? composed()
        : await orWithout(
            "the answer was put together",
            config,
            async () => {
              const answer = await writeByModel(chat, recentWindow(messages), queries, findings, config);
              return checkCitations(answer, documents);
            },
            () => composed("\n\n(Put together without a model, as it failed.)"),
          );
    // Nothing that it wrote rests on a source.
    const { text, cited } = hasPoints && written.cited.length === 0 ? composed() : written;
    const notes = notesBelow(queries, findings, failures);
    const parts = [text, notes.join("\n"), cited.length === 0 ? "" : sourceList(cited)];
    tell(config, "synthesise", cited.length);
    return { messages: [new AIMessage(parts.filter((part) => part !== "").join("\n\n"))] };
  }
}

/** The offline model has no more to go by than the rules here. */
function isOffline(model: string | BaseChatModel): boolean {
  return typeof model === "string" ? model.trim() === "offline" : model._llmType() === "offline";
}

/** What a model fails at is done without it, with a warning: what was found is not lost. */
async function orWithout<T>(
  what: string,
  { signal }: Pick<LangGraphRunnableConfig, "signal">,
  withModel: () => Promise<T>,
  without: () => T,
): Promise<T> {
  try {
    return await withModel();
  } catch (error) {
    if (isInterrupt(error) || signal?.aborted) throw error;
    emitWarning(`${what} without the model: ${reasonOf(error)}`, "REPORT");
    return without();
  }
}

function tell(config: LangGraphRunnableConfig, step: StepEvent["step"], count: number): void {
  const detail = `${count} ${NOUNS[step][count === 1 ? 0 : 1]}`;
  config.writer?.({ type: "step", step, count, detail } satisfies StepEvent);
}

function questionOf(messages: readonly BaseMessage[]): {
  readonly question: string;
  readonly before?: string;
} {
  const asked = messages.filter((message) => HumanMessage.isInstance(message)).map(({ text }) => text);
  const [before, question] = [asked.at(-2), asked.at(-1)];
  if (question !== undefined && question.trim() !== "")
    return { question, ...(before !== undefined && { before }) };
  const problem = "must hold a message of a user with a question";
  throw new BatonError("INVALID_ARGUMENTS", `the research has no question: messages ${problem}`, {
    data: { issues: [{ path: "messages", problem }] },
  });
}
