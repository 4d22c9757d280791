import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage, HumanMessage } from "@langchain/core/messages";
import type { StructuredToolInterface } from "@langchain/core/tools";
import { Command, type LangGraphRunnableConfig, Overwrite } from "@langchain/langgraph";
import { isInterrupt, reasonOf } from "../../core/errors.js";
import { type Answers, answerSchemas } from "./answers.js";
import { callTool, toolNamed } from "./call-tool.js";
import { quote } from "./quote.js";
import { plainSummary, type Reported, renderReport } from "./report.js";
import { readRequest, wordsForFolders } from "./request.js";
import type { ReviewState, ReviewUpdate } from "./state.js";
import { summarise } from "./summarise.js";
import { ANALYSES, type Analysis } from "./types.js";
import { placeOf, toAction, toFinding, weigh } from "./weigh.js";

/** Most entries that a tool is asked for: what is weighed is the worst of them. */
const LIMIT = 100;
/** Those that cost little first; what was parsed is not parsed again. */
const PROBES: readonly Analysis[] = ["complexity", "documentation", "dependencies", "secrets"];
const MOST_PROBES = 3;
/** The tool of the filesystem server. */
const READ = "read_text_file";

/** What a review streams, with `streamMode: "custom"`. */
export interface ReviewEvent {
  readonly type: "step";
  readonly step: Analysis | "plan" | "read" | "weigh" | "report";
  readonly status: "started" | "done" | "failed" | "skipped";
}

/** The nodes of a review. `model` writes the summary; without one it is put together. */
export function reviewNodes(
  tools: readonly StructuredToolInterface[],
  model: (() => Promise<BaseChatModel>) | undefined,
) {
  const reader = toolNamed(tools, READ);
  return { plan, analyse, read, weigh: weighing, report };

  async function plan(
    { messages, path, focus }: ReviewState,
    config: LangGraphRunnableConfig,
  ): Promise<Command> {
    tell(config, "plan", "started");
    const text = messages.findLast((message) => HumanMessage.isInstance(message))?.text ?? "";
    const asked = readRequest(text);
    const analyses =
      focus && focus.length > 0 ? ANALYSES.filter((one) => focus.includes(one)) : asked.analyses;
    const folder = path || asked.path !== "." ? undefined : await folderNamed(text, config);
    const others = path ? [] : (asked.others ?? []);
    const notes = others.map((other) => `${other}: one review has one path, ask for this one by itself`);
    const update = {
      request: { path: path || folder || asked.path, analyses },
      // Of the review before this one on the same thread.
      ...{
        answers: new Overwrite({}),
        notes: new Overwrite(notes),
        quotes: {},
        findings: [],
        leftOut: 0,
        actions: [],
      },
      ...{ path: null, focus: null },
    };
    for (const analysis of ANALYSES) if (!analyses.includes(analysis)) tell(config, analysis, "skipped");
    tell(config, "plan", "done");
    return new Command({ goto: [...analyses], update });
  }

  /** The first word that stands where a path would and is one: a tool knows whether it exists. */
  async function folderNamed(text: string, config: LangGraphRunnableConfig): Promise<string | undefined> {
    const tool = PROBES.map((analysis) => toolNamed(tools, analysis)).find((one) => one !== undefined);
    for (const path of tool === undefined ? [] : wordsForFolders(text).slice(0, MOST_PROBES))
      if (tool && (await callTool(tool, { path, limit: 1 }, config)).ok) return path;
    return undefined;
  }

  function analyse(analysis: Analysis) {
    return async ({ request }: ReviewState, config: LangGraphRunnableConfig): Promise<ReviewUpdate> => {
      tell(config, analysis, "started");
      const given = await ask(analysis, request?.path ?? ".", config);
      tell(config, analysis, "problem" in given ? "failed" : "done");
      return "problem" in given ? { notes: [`${analysis}: ${given.problem}`] } : { answers: given };
    };
  }

  async function ask(
    analysis: Analysis,
    path: string,
    config: LangGraphRunnableConfig,
  ): Promise<Answers | { readonly problem: string }> {
    const tool = toolNamed(tools, analysis);
    if (tool === undefined) return { problem: `there is no tool '${analysis}'` };
    const answer = await callTool(tool, { path, limit: LIMIT }, config);
    if (!answer.ok) return { problem: answer.problem };
    const parsed = answerSchemas[analysis].safeParse(answer.structured);
    if (parsed.success) return { [analysis]: parsed.data };
    const [issue] = parsed.error.issues;
    return {
      problem: `the tool '${tool.name}' is not the code server's: ${issue?.path.join(".") || "its answer"} is missing or of another kind`,
    };
  }

  async function read({ answers }: ReviewState, config: LangGraphRunnableConfig): Promise<ReviewUpdate> {
    const root = ANALYSES.map((analysis) => answers[analysis]?.root).find((one) => one !== undefined);
    const drafts = weigh(answers).drafts.filter(({ quotable }) => quotable);
    if (reader === undefined || root === undefined || drafts.length === 0) {
      tell(config, "read", "skipped");
      const isMissed = reader === undefined && drafts.length > 0;
      return isMissed
        ? { notes: [`the code around the findings: there is no tool '${READ}' of a filesystem server`] }
        : {};
    }
    tell(config, "read", "started");
    const secret = new Set(answers.secrets?.findings.map(placeOf));
    const quoted = await Promise.all(
      drafts.map(async (draft) => {
        const isSecret = (line: number) => secret.has(placeOf({ file: draft.file, line }));
        return [placeOf(draft), await quote(draft, { root, isSecret }, reader, config)] as const;
      }),
    );
    const quotes = Object.fromEntries(
      quoted.flatMap(([place, text]) => (text === undefined ? [] : [[place, text]])),
    );
    // Two findings on one line share a quote.
    const missed = quoted.filter(([, text]) => text === undefined).length;
    tell(config, "read", Object.keys(quotes).length === 0 ? "failed" : "done");
    return {
      quotes,
      ...(missed > 0
        ? { notes: [`the code around ${missed} of the findings: '${READ}' could not read it`] }
        : {}),
    };
  }

  function weighing({ answers, quotes }: ReviewState, config: LangGraphRunnableConfig): ReviewUpdate {
    tell(config, "weigh", "started");
    const { drafts, leftOut } = weigh(answers);
    tell(config, "weigh", "done");
    return {
      findings: drafts.map((draft) => toFinding(draft, quotes)),
      leftOut,
      actions: drafts.map(toAction),
    };
  }

  async function report(state: ReviewState, config: LangGraphRunnableConfig): Promise<ReviewUpdate> {
    tell(config, "report", "started");
    const { request = readRequest(""), answers, findings, leftOut, actions, notes } = state;
    const reported: Reported = { request, answers, findings, leftOut, actions, notes };
    const { summary, problem } = await summaryOf(reported, config);
    const said = problem === undefined ? reported : { ...reported, notes: [...notes, problem] };
    tell(config, "report", "done");
    return {
      messages: [new AIMessage(renderReport(said, summary))],
      ...(problem ? { notes: [problem] } : {}),
    };
  }

  async function summaryOf(
    reported: Reported,
    config: LangGraphRunnableConfig,
  ): Promise<{ readonly summary: string; readonly problem?: string }> {
    const plain = plainSummary(reported);
    if (model === undefined || reported.findings.length === 0) return { summary: plain };
    try {
      return { summary: (await summarise(await model(), reported, config)) || plain };
    } catch (error) {
      if (isInterrupt(error) || config.signal?.aborted) throw error;
      return { summary: plain, problem: `a summary by the model: ${reasonOf(error)}` };
    }
  }
}

function tell(
  config: LangGraphRunnableConfig,
  step: ReviewEvent["step"],
  status: ReviewEvent["status"],
): void {
  const event: ReviewEvent = { type: "step", step, status };
  config.writer?.(event);
}
