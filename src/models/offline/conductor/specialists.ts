import { rankTools } from "../rank.js";
import type { Request } from "../request.js";
import { choicesOf, plain } from "../schema.js";
import { type BoundTool, givesOverview, isSearch } from "../tools.js";
import { likeness, stem, wordsOf } from "../words.js";
import type { Section } from "./sections.js";

/** Who can be given a task, with the tools that the system prompt lists for each. */
export interface Specialist {
  readonly name: string;
  /** What it is for, in the form of a tool, so that one ranking serves both. */
  readonly self: BoundTool;
  readonly tools: readonly BoundTool[];
}

/** The tool by which a plan is made: `delegate({ specialist, objective, ... })`. */
export function isDelegate({ function: { name, parameters } }: BoundTool): boolean {
  const { specialist, objective } = plain(parameters, parameters).properties ?? {};
  return (
    name === "delegate" && objective !== undefined && choicesOf(plain(specialist, parameters)).length > 0
  );
}

/** The specialists that a task can be given to, in the order of the tool's enum. */
export function specialistsOf(delegate: BoundTool, sections: readonly Section[]): Specialist[] {
  const { parameters } = delegate.function;
  const names = choicesOf(plain(plain(parameters, parameters).properties?.specialist, parameters)).map(
    String,
  );
  return names.map((name) => {
    const section = sections.find(({ tag, attributes }) => tag === "specialist" && attributes.name === name);
    const [description = "", ...lines] = (section?.text ?? "").split(/^[ \t]*[-*][ \t]+/mu);
    return {
      name,
      self: toTool(name, description.replace(/^tools:\s*$/imu, ""), ""),
      tools: lines.map(readTool),
    };
  });
}

/** `enterprise.query_database: Reads ... (table: employees | projects, where)`: parameters with their choices last. */
function readTool(line: string): BoundTool {
  const [, name = "", rest = ""] = /^([\w./-]+)\W*([\s\S]*)$/u.exec(line) ?? [];
  const [, description = rest, parameters = ""] =
    /^([\s\S]*)\s\((?:parameters?:)?([^()]*)\)\s*$/iu.exec(rest) ?? [];
  const [server = "", tool = ""] = [name.split(".").slice(0, -1).join(" "), name.split(".").at(-1)];
  return toTool(tool, `${description} ${server}`, parameters);
}

function toTool(name: string, description: string, words: string): BoundTool {
  const parameters = words.trim() === "" ? {} : { properties: { p: { description: words } } };
  return { type: "function", function: { name, description, parameters }, from: "definition" };
}

// Set by hand until the questions of test/models came out right, then rounded; beside the points of rank.ts.
const SEARCH_POINTS = 0.8;
const OVERVIEW_POINTS = 1.5;
const PEOPLE_POINTS = 0.6;
const FIGURE_POINTS = 2;
/** What a specialist's own description counts beside its best tool. */
const SELF_SHARE = 0.5;
/** A search passes, which takes any words, and so does one word that a tool is named after. */
const LEAST_POINTS = 0.6;

const FIGURES = ["aggregate", "average", "count", "number", "statistics", "sum", "total"].map(stem);

/** The names of the specialists whose tools fit a request, the best first; equal ones in the given order. */
export function fitting(request: Request, specialists: readonly Specialist[]): string[] {
  return scored(request, specialists)
    .filter(({ score }) => score >= LEAST_POINTS)
    .sort((one, other) => other.score - one.score)
    .map(({ name }) => name);
}

/** How well the best of the specialists fits. */
export function bestScore(request: Request, specialists: readonly Specialist[]): number {
  return Math.max(0, ...scored(request, specialists).map(({ score }) => score));
}

function scored(request: Request, specialists: readonly Specialist[]): { name: string; score: number }[] {
  const rank = rankTools(specialists.flatMap(({ self, tools }) => [self, ...tools]));
  const pointsOf = (tool: BoundTool) => {
    const { points } = rank(request, tool);
    return { points, sum: [...points.values()].reduce((total, one) => total + one, 0) };
  };
  return specialists.map(({ name, self, tools }) => {
    const scores = tools.map((tool) => {
      const { points, sum } = pointsOf(tool);
      return sum + bonus(request, tool, new Set(points.keys()));
    });
    return { name, score: Math.max(0, ...scores) + SELF_SHARE * pointsOf(self).sum };
  });
}

const meansPeople = (term: string) => likeness(term, stem("people")) > 0;

/** What speaks for a tool beside the words that it shares with the request. */
function bonus(request: Request, tool: BoundTool, said: ReadonlySet<string>): number {
  const { description, parameters } = tool.function;
  const details = parameters.properties?.p?.description ?? "";
  const about = wordsOf(description).map(stem);
  const words = [...about, ...wordsOf(details).map(stem)];
  // A category "people" among the choices of a search counts nobody.
  const asksForPeople = request.asksForPeople || request.operand.some(meansPeople);
  const people = asksForPeople && about.some(meansPeople);
  const counts = request.operation !== undefined && words.some((word) => FIGURES.includes(word));
  const isOfThis = people || request.operand.some((term) => said.has(term));
  // Only what takes any words is a search; "search_files" wants a pattern.
  const searches =
    isSearch(tool) && (details === "" || /\b(?:keywords?|q|query|search|text|topic)\b/iu.test(details));
  return (
    (people ? PEOPLE_POINTS : 0) +
    (counts && isOfThis ? FIGURE_POINTS : 0) +
    (request.judged !== undefined && givesOverview(tool) ? OVERVIEW_POINTS / (said.size > 0 ? 1 : 2) : 0) +
    (searches ? SEARCH_POINTS : 0)
  );
}
