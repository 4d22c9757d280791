import type { BaseMessage } from "@langchain/core/messages";
import type { Clock } from "../../core/clock.js";
import { writeAnswer } from "./answer.js";
import { fillArguments } from "./arguments.js";
import { conduct } from "./conductor.js";
import { type Conversation, readConversation } from "./conversation.js";
import { findIn } from "./find.js";
import { type FormSource, fillForm } from "./form.js";
import { type Call, candidatesFor, nextCalls, ownFirst, type PartPlan } from "./plan.js";
import { rankTools } from "./rank.js";
import type { Reply, RespondOptions } from "./reply.js";
import { type KnownValue, knownValues, type Request, readRequest } from "./request.js";
import { fits, isRecord, neutral, plain } from "./schema.js";
import { isFollowUp, narrows, splitQuestion } from "./split.js";
import { isRemark } from "./statement.js";
import { answerForms, readToolChoice, type ToolChoice } from "./tool-choice.js";
import { type BoundTool, changesSomething } from "./tools.js";

/** The best calls, and one more try. One call at a time takes a round for each. */
const ROUNDS = 2;
/** A system message alone asks for nothing. */
const NO_QUESTION = "There is no question: send a message with some text.";

/** The reply to a conversation. Nothing is kept between two replies: the messages say what was tried. */
export function respond(
  messages: readonly BaseMessage[],
  tools: readonly BoundTool[],
  options: RespondOptions,
): Reply {
  const conducted = conduct(messages, tools, options);
  if (conducted) return conducted;
  const choice = readToolChoice(options.toolChoice);
  const forms = answerForms(tools, choice);
  const callable = tools.filter((tool) => !forms.includes(tool) && allows(choice, tool));
  const conversation = readConversation(messages);
  const insists = choice.kind === "any" || choice.kind === "named";
  if (conversation.question === "" && !insists && !options.answerSchema)
    return { text: NO_QUESTION, calls: [] };
  const known = knownValues(conversation.resources);
  const parts = planParts(conversation, callable, known, options.clock);

  const calls = nextCalls(
    parts,
    conversation,
    (part, call) => findIn(part.request, [call], callable).passages.length > 0,
    { maxCalls: options.maxCalls, maxRounds: ROUNDS * (options.maxCalls < parts.length ? parts.length : 1) },
  );
  if (calls.length > 0) return { text: "", calls };
  if (insists && forms.length === 0 && conversation.rounds === 0) {
    const forced = forcedCall(parts, callable);
    if (forced) return { text: "", calls: [forced] };
  }

  const text = writeAnswer(parts, conversation, callable);
  // A form that came back was refused by a check that its schema does not show: the plain answer ends the loop.
  const refused = conversation.calls.some((call) => forms.some((form) => form.function.name === call.name));
  if (refused || (forms.length === 0 && !options.answerSchema)) return { text, calls: [] };
  const question = readRequest(conversation.question, known, options.clock);
  const source = formSource(text, parts, conversation, callable, question);
  if (!options.answerSchema) return fillBestForm(forms, source);
  const { value, unfilled } = fillForm(options.answerSchema, source);
  return { text: JSON.stringify(value), calls: [], unfilled };
}

function allows(choice: ToolChoice, tool: BoundTool): boolean {
  return choice.kind === "named" ? tool.function.name === choice.name : choice.kind !== "none";
}

function planParts(
  { question, earlierQuestions }: Conversation,
  tools: readonly BoundTool[],
  known: readonly KnownValue[],
  clock: Pick<Clock, "now">,
): PartPlan[] {
  const rank = rankTools(tools);
  let frame = earlierQuestions.findLast((earlier) => !isFollowUp(earlier));
  return splitQuestion(question).map((text) => {
    if (frame === undefined || !isFollowUp(text)) {
      frame = text;
      const request = readRequest(text, known, clock);
      return { request, candidates: isRemark(text) ? [] : candidatesFor(request, tools, rank) };
    }
    // "And in Sales?" repeats the earlier request that it fits best, with the new words before the old.
    const plans = splitQuestion(frame).map((earlier) => {
      const request = readRequest(`${earlier} ${text}`, known, clock, narrows(text) ? "" : text);
      return { request, candidates: candidatesFor(request, tools, rank) };
    });
    return plans.reduce((best, plan) =>
      (plan.candidates[0]?.score ?? 0) > (best.candidates[0]?.score ?? 0) ? plan : best,
    );
  });
}

/** A call for a caller who insists on one: the best tool, with neutral values where the question holds nothing. */
function forcedCall(parts: readonly PartPlan[], tools: readonly BoundTool[]): Call | undefined {
  const request = parts[0]?.request;
  if (!request) return undefined;
  const rank = rankTools(tools);
  const calls = tools.flatMap((tool) => {
    const { parameters, name } = tool.function;
    const { args, missing, evidence, points } = fillArguments(parameters, request);
    // What changes something is never called with values that nobody gave.
    if (missing.length > 0 && changesSomething(tool)) return [];
    const schema = plain(parameters, parameters);
    const rest = Object.fromEntries(
      missing.map((key) => [key, neutral(schema.properties?.[key] ?? {}, parameters)]),
    );
    const complete = { ...args, ...rest };
    if (!fits(complete, parameters)) return [];
    const words = [...rank(request, tool).points.values(), ...points.values()].reduce(
      (sum, one) => sum + one,
      evidence,
    );
    return [{ name, args: complete, score: words - missing.length }];
  });
  const [best] = calls.sort((one, other) => other.score - one.score);
  return best && { name: best.name, args: best.args };
}

function formSource(
  text: string,
  parts: readonly PartPlan[],
  conversation: Conversation,
  tools: readonly BoundTool[],
  request: Request,
): FormSource {
  const sources = parts.map((part): FormSource => {
    const { passages, coverage } = findIn(
      part.request,
      ownFirst(part, conversation.calls),
      tools,
      conversation.resources,
    );
    const answer = writeAnswer([part], conversation, tools);
    return { request: part.request, answer, passages, coverage, parts: [] };
  });
  return {
    request,
    answer: text,
    passages: sources.flatMap(({ passages }) => passages),
    coverage: sources.reduce((sum, { coverage }) => sum + coverage, 0) / Math.max(1, sources.length),
    parts: sources,
  };
}

/** The form of which the conversation fills most. */
function fillBestForm(forms: readonly BoundTool[], source: FormSource): Reply {
  const filled = forms.map((form) => ({
    form: form.function,
    ...fillForm(form.function.parameters, source),
  }));
  const [best] = filled.sort((one, other) => one.unfilled.length - other.unfilled.length);
  if (!best) return { text: source.answer, calls: [] };
  const args = isRecord(best.value) ? best.value : {};
  return { text: "", calls: [{ name: best.form.name, args }], unfilled: best.unfilled };
}
