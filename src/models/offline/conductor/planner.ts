import { writeAnswer } from "../answer.js";
import type { Conversation } from "../conversation.js";
import { findIn } from "../find.js";
import type { Reply, RespondOptions } from "../reply.js";
import { knownValues } from "../request.js";
import { isStatement, smallTalk } from "../statement.js";
import { readToolChoice } from "../tool-choice.js";
import type { BoundTool } from "../tools.js";
import { type Assignment, toCall } from "./delegate.js";
import { type Objective, objectivesOf } from "./objectives.js";
import { bestScore, fitting, type Specialist } from "./specialists.js";
import { sameObjective } from "./tasks.js";

/** The plan for a question: one call for each of its parts, all at once; a text when there is nothing to give away. */
export function planTasks(
  conversation: Conversation,
  delegate: BoundTool,
  specialists: readonly Specialist[],
  { clock, maxCalls, toolChoice }: RespondOptions,
): Reply {
  const say = (text: string): Reply => ({ text, calls: [] });
  const talk = smallTalk(conversation.question);
  if (talk !== undefined) return say(talk);
  const known = knownValues(conversation.resources);
  const objectives = objectivesOf(conversation, known, clock, (request) => bestScore(request, specialists));
  if (objectives.length === 0) return say(isStatement(conversation.question) ? "Noted." : NO_QUESTION);

  const given = conversation.calls.filter(({ name }) => name === delegate.function.name);
  const isGiven = ({ text }: Objective) =>
    given.some(({ args }) => sameObjective(String(args.objective), text));
  const open = objectives.filter((one) => !isGiven(one));
  if (open.length === 0) return say(resultsOf(given));

  const picked = open.map(({ request }) => fitting(request, specialists)[0]);
  const insists = ["any", "named"].includes(readToolChoice(toolChoice).kind);
  // Beside parts that somebody can answer, a part that nobody fits is tried as well: its task says what was not found.
  const other = picked.find((name) => name !== undefined) ?? (insists ? specialists[0]?.name : undefined);
  if (other === undefined) return say(open.map((one) => admit(one, conversation, specialists)).join("\n\n"));
  const ids = objectives.map((one) => `t${given.length + open.indexOf(one) + 1}`);
  const plan = open.map(({ text, needs }, place): Assignment => {
    const earlier = needs.filter((need) => open.includes(objectives[need] as Objective));
    return {
      id: `t${given.length + place + 1}`,
      specialist: picked[place] ?? other,
      objective: text,
      needs: earlier.map((need) => ids[need] ?? ""),
    };
  });
  const calls = folded(plan, maxCalls).flatMap((one) => toCall(delegate, one));
  return calls.length > 0 ? { text: "", calls } : say(NOT_DELEGATED);
}

const NO_QUESTION = "I found no question in this. What would you like to know?";
const NOT_DELEGATED = "I found nothing: the schema of the tool `delegate` does not take a task of mine.";

/** More parts than calls: those at the end go along with the last task of the same specialist, or with the last. */
function folded(plan: readonly Assignment[], most: number): Assignment[] {
  const kept = plan.slice(0, most);
  for (const { specialist, objective } of plan.slice(most)) {
    const same = kept.findLastIndex((one) => one.specialist === specialist);
    const place = same === -1 ? kept.length - 1 : same;
    const host = kept[place];
    if (host) kept[place] = { ...host, objective: `${host.objective.replace(/[^?]$/u, "$&.")} ${objective}` };
  }
  return kept;
}

function resultsOf(given: Conversation["calls"]): string {
  const texts = given.map(({ result }) => result?.text.trim() ?? "").filter((text) => text !== "");
  return texts.length > 0 ? [...new Set(texts)].join("\n\n") : "All parts of the question are delegated.";
}

/** What stands in the prompt itself, such as a resource, or plainly that nobody can be asked. */
function admit(
  { text, request }: Objective,
  conversation: Conversation,
  specialists: readonly Specialist[],
): string {
  const found = findIn(request, [], [], conversation.resources);
  if (found.passages.length > 0) return writeAnswer([{ request, candidates: [] }], conversation, []);
  const names = specialists.map(({ name }) => name).join(", ");
  return `I found nothing about "${text.slice(0, 200)}": none of the specialists fits (${names}).`;
}
