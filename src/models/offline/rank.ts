import type { Request } from "./request.js";
import type { JsonSchema } from "./schema.js";
import { type BoundTool, isDeprecated } from "./tools.js";
import { bestLikeness, rarity, stem, termsOf, wordsOf } from "./words.js";

/** How well the words of a request fit a tool, before any argument is tried. */
export interface WordMatch {
  /** Points of each term of the request that the tool's words explain. */
  readonly points: ReadonlyMap<string, number>;
  /** The part of the tool's name that the request says, 0 to 1. */
  readonly name: number;
  /** The request names a directory and the tool is for files, or the other way round. */
  readonly misfit: boolean;
}

export type Ranker = (request: Request, tool: BoundTool) => WordMatch;

/**
 * What a match is worth by where it is found. Chosen on the question sets in test/models: a name is what its
 * author thought the tool is for, a description says much else, a parameter says how rather than what.
 */
const NAME_POINTS = 2;
const DESCRIPTION_POINTS = 1;
const PARAMETER_POINTS = 0.6;
/** A deprecated tool loses against its successor, and still serves when it is alone. */
const DEPRECATED_FACTOR = 0.5;

interface Fields {
  readonly name: readonly string[];
  readonly description: ReadonlySet<string>;
  readonly parameters: ReadonlySet<string>;
}

/** A ranker over the bound tools: words that many tools share, such as "file", weigh less. */
export function rankTools(tools: readonly BoundTool[]): Ranker {
  const fields = new Map(tools.map((tool) => [tool, fieldsOf(tool)] as const));
  const weigh = rarity(
    [...fields.values()].map(
      ({ name, description, parameters }) => new Set([...name, ...description, ...parameters]),
    ),
  );
  return (request, tool) => {
    const own = fields.get(tool) ?? fieldsOf(tool);
    const factor = isDeprecated(tool) ? DEPRECATED_FACTOR : 1;
    // The longer a description, the more of its words are there by chance.
    const chance = DESCRIPTION_POINTS / (1 + own.description.size / 40);
    const points = new Map<string, number>();
    for (const term of request.terms) {
      const best = Math.max(
        NAME_POINTS * bestLikeness(term, own.name),
        chance * bestLikeness(term, own.description),
        PARAMETER_POINTS * bestLikeness(term, own.parameters),
      );
      if (best > 0) points.set(term, best * weigh(term) * factor);
    }
    const [place] = placesOf(request);
    const isNamed = (kind: string) => own.name.includes(stem(kind));
    if (place && isNamed(place)) points.set(stem(place), NAME_POINTS * weigh(stem(place)) * factor);
    const misfit = place !== undefined && !isNamed(place) && isNamed(place === "file" ? "directory" : "file");
    const said = own.name.filter((word) => bestLikeness(word, request.terms) > 0);
    return { points, name: (factor * said.length) / Math.max(1, own.name.length), misfit };
  };
}

/** What the paths of a request are: with an ending a file, without one likely a directory. */
function placesOf({ evidence: { paths } }: Request): ("file" | "directory")[] {
  return paths.map((path) => (/\.[A-Za-z]\w*$/.test(path) ? "file" : "directory"));
}

function fieldsOf({ function: { name, description, parameters } }: BoundTool): Fields {
  return {
    name: namedAfter(name),
    description: new Set(termsOf(description)),
    parameters: new Set(parameterTerms(parameters)),
  };
}

/** The words that a tool is named after; "get" and the like only when there is nothing else. */
function namedAfter(name: string): readonly string[] {
  const terms = termsOf(name);
  return terms.length > 0 ? terms : wordsOf(name).map(stem);
}

function parameterTerms(schema: JsonSchema): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => [
    ...termsOf(name),
    ...termsOf(property?.description ?? ""),
  ]);
}
