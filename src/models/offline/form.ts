import { BatonError } from "../../core/errors.js";
import { listsOperations, rankChoices } from "./choices.js";
import type { Request } from "./request.js";
import type { Passage } from "./results.js";
import {
  choicesOf,
  clampNumber,
  DEEPEST,
  fits,
  fitsWithin,
  type JsonSchema,
  neutral,
  plain,
  typeOf,
} from "./schema.js";
import { textKind } from "./texts.js";
import { bestLikeness, stem, termsOf, wordsOf } from "./words.js";

/** What a form is filled from. */
export interface FormSource {
  /** The whole question, and under `parts` each of its requests with what was found for it. */
  readonly request: Request;
  readonly answer: string;
  readonly passages: readonly Passage[];
  /** The part of the question that was found, 0 to 1. */
  readonly coverage: number;
  readonly parts: readonly FormSource[];
}

export interface FilledForm {
  readonly value: unknown;
  /** Paths of the required fields for which the conversation holds nothing: their values say nothing. */
  readonly unfilled: readonly string[];
}

const names = (text: string) => new Set(text.split(/\s+/).map(stem));
const ANSWER_FIELDS = names(
  `answer body comment conclusion content description details explanation feedback message notes output rationale
  reason reasoning reply report response result summary text thought`,
);
const SOURCE_FIELDS = names(
  "citation citations document documents reference references source sources title",
);
const PASSAGE_FIELDS = names("evidence excerpts facts findings highlights passages points quotes sentences");
const TERM_FIELDS = names("keywords labels tags terms topics words");
const CERTAINTY_FIELDS = names("certainty confidence probability relevance score");
const FIGURE_FIELDS = names("amount count figure number total value");
const REQUEST_LISTS = names("parts plan questions queries requests steps subtasks tasks todos");

/**
 * Fills a form from the conversation: fields are matched by name, type and enum with the answer, its sources and
 * figures, and with the question. An optional field without evidence is left out; a required one gets a neutral
 * value and is listed in `unfilled`.
 *
 * @throws BatonError `INVALID_RESULT` when no value can be made to fit, for example for a `pattern`.
 */
export function fillForm(schema: JsonSchema, source: FormSource): FilledForm {
  const unfilled: string[] = [];
  const value = fillField("", schema, true, { source, root: schema, unfilled, path: [] });
  if (fits(value, schema)) return { value, unfilled };
  const empty = neutral(schema, schema);
  if (fits(empty, schema)) return { value: empty, unfilled: [...unfilled, "(all)"] };
  throw new BatonError(
    "INVALID_RESULT",
    `the offline model cannot fill the form: the conversation holds nothing for ${unfilled.join(", ") || "it"}, ` +
      "and no neutral value fits the schema; make these fields optional, or use a language model",
    { data: { issues: unfilled.map((path) => ({ path, reason: "no evidence" })) } },
  );
}

interface Position {
  readonly source: FormSource;
  readonly root: JsonSchema;
  readonly unfilled: string[];
  readonly path: readonly string[];
}

function fillField(name: string, written: unknown, required: boolean, position: Position): unknown {
  const schema = plain(written, position.root);
  const value = position.path.length > DEEPEST ? undefined : fieldValue(name, schema, position);
  if (value !== undefined && fitsWithin(value, written, position.root)) return value;
  if (!required) return undefined;
  if (name !== "") position.unfilled.push(position.path.join("."));
  return neutral(schema, position.root);
}

function fieldValue(name: string, schema: JsonSchema, position: Position): unknown {
  const { source } = position;
  if (schema.const !== undefined) return schema.const;
  if (choicesOf(schema).length > 0) return choiceFor(name, schema, source);
  switch (typeOf(schema)) {
    case "object":
      return fillObject(schema, position);
    case "array":
      return fillArray(name, schema, position);
    case "string":
      return textFor(name, schema, source);
    case "number":
    case "integer":
      return numberFor(name, schema, source);
    case "boolean":
      return truthOf(name, source);
    default:
      return undefined;
  }
}

function fillObject(schema: JsonSchema, position: Position): Record<string, unknown> {
  const required = new Set(schema.required ?? []);
  const entries = Object.entries(schema.properties ?? {}).map(([name, property]) => [
    name,
    fillField(name, property, required.has(name), { ...position, path: [...position.path, name] }),
  ]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function fillArray(name: string, schema: JsonSchema, position: Position): unknown[] | undefined {
  const { source, root } = position;
  const item = plain(schema.items ?? {}, root);
  const most = schema.maxItems ?? Number.POSITIVE_INFINITY;
  const cut = (values: readonly unknown[]) =>
    values.length === 0 ? undefined : [...new Set(values)].slice(0, most);
  if (choicesOf(item).length > 0) {
    return cut(
      rankChoices(item, source.request)
        .filter(({ score }) => score === 1)
        .map(({ value }) => value),
    );
  }
  if (typeOf(item) === "object") {
    // One entry for each part of the question: how a plan or a list of tasks is made.
    const parts = source.parts.length > 0 ? source.parts : [source];
    return cut(
      parts.map((part, index) =>
        fillObject(item, { ...position, source: part, path: [...position.path, String(index)] }),
      ),
    );
  }
  if (typeOf(item) === "number" || typeOf(item) === "integer") return cut(figuresIn(source.answer));
  if (typeOf(item) !== "string" && typeOf(item) !== "unknown") return undefined;
  if (isNamed(name, SOURCE_FIELDS)) return cut(source.passages.map(({ title, from }) => title ?? from));
  if (isNamed(name, PASSAGE_FIELDS)) return cut(source.passages.map(({ text }) => text));
  if (isNamed(name, TERM_FIELDS)) return cut(source.request.terms);
  if (isNamed(name, REQUEST_LISTS))
    return cut((source.parts.length > 0 ? source.parts : [source]).map(({ request }) => request.text));
  const labelled = labelledValue(name, source);
  return labelled === undefined ? undefined : cut(labelled.split(/\s*[,;]\s*/));
}

/** The value that the question names; else the one that the answer names. */
function choiceFor(name: string, schema: JsonSchema, { request, answer }: FormSource): unknown {
  if (listsOperations(schema)) return undefined;
  const [asked] = rankChoices(schema, request);
  if (asked && asked.score >= 0.5) return asked.value;
  const labelled = choicesOf(schema).find(
    (value) => labelIn(answer, name)?.toLowerCase() === String(value).toLowerCase(),
  );
  if (labelled !== undefined) return labelled;
  const said = choicesOf(schema).filter((value) =>
    new RegExp(`\\b${literal(String(value))}\\b`, "iu").test(answer),
  );
  return said.length === 1 ? said[0] : asked?.value;
}

function textFor(name: string, schema: JsonSchema, source: FormSource): string | undefined {
  const { request, answer } = source;
  const labelled = labelledValue(name, source);
  if (labelled !== undefined) return labelled;
  const kind = textKind(name, schema);
  const { urls, emails, dates, paths, quoted, names: properNames } = request.evidence;
  if (kind === "request" || kind === "query") return request.text;
  if (isNamed(name, SOURCE_FIELDS) && source.passages.length > 0)
    return source.passages[0]?.title ?? source.passages[0]?.from;
  if (name === "" || isNamed(name, ANSWER_FIELDS)) return cutTo(answer, schema.maxLength);
  if (kind === "url") return urls[0];
  if (kind === "email") return emails[0];
  if (kind === "date") return dates[0] ?? source.passages.find(({ updated }) => updated)?.updated;
  if (kind === "path") return paths[0];
  if (kind === "payload") return cutTo(answer, schema.maxLength);
  return wordsOf(name).includes("name") ? (quoted[0] ?? properNames[0]) : undefined;
}

function numberFor(name: string, schema: JsonSchema, source: FormSource): number | undefined {
  if (isNamed(name, CERTAINTY_FIELDS)) {
    // The share of the question that was found, on the scale that the schema gives.
    const most = schema.maximum ?? 1;
    return clampNumber((schema.minimum ?? 0) + source.coverage * (most - (schema.minimum ?? 0)), schema);
  }
  const labelled = Number(labelledValue(name, source));
  if (Number.isFinite(labelled)) return labelled;
  const wanted = termsOf(name);
  const near = source.request.evidence.numbers.find(({ before, after }) =>
    [before, ...after].some((word) => bestLikeness(word, wanted) > 0),
  );
  if (near) return near.value;
  const figures = figuresIn(source.answer);
  // "128 employees where ...": the word behind the figure says what it counts.
  const counted = wordsOf(name)
    .filter((word) => word.length > 2)
    .map(
      (word) => new RegExp(`(-?\\d[\\d,]*(?:\\.\\d+)?)\\s+${literal(word)}`, "iu").exec(source.answer)?.[1],
    )
    .find((figure) => figure !== undefined);
  if (counted !== undefined) return Number(counted.replaceAll(",", ""));
  return isNamed(name, FIGURE_FIELDS) || figures.length === 1 ? figures[0] : undefined;
}

const NEGATION = /\b(?:not|no|never|without|cannot|n't)\b/iu;

/** True or false when the conversation uses the very words of the field. */
function truthOf(name: string, { request, answer }: FormSource): boolean | undefined {
  const words = wordsOf(name)
    .map(stem)
    .filter((word) => !["is", "has", "should", "can", "need"].includes(word));
  const sentence = [...answer.split(/(?<=[.!?])\s+|\n/), request.text].find(
    (one) => words.length > 0 && words.every((word) => bestLikeness(word, wordsOf(one).map(stem)) > 0),
  );
  return sentence === undefined ? undefined : !NEGATION.test(sentence);
}

/** A value that the results or the question give under the field's own name: `name: Ada`, `"name": "Ada"`. */
function labelledValue(name: string, { answer, request, passages }: FormSource): string | undefined {
  if (name === "") return undefined;
  for (const text of [request.text, ...passages.map((passage) => passage.text), answer]) {
    const value = labelIn(text, name);
    if (value !== undefined) return value;
  }
  return undefined;
}

function labelIn(text: string, name: string): string | undefined {
  const label = wordsOf(name).map(literal).join("[\\s_-]*");
  if (label === "") return undefined;
  const value = new RegExp(`(?:^|[\\s,;({|"-])${label}"?\\s*(?::|=|\\bis\\b)\\s*"?([^",;\\n|]+)`, "iu")
    .exec(text)?.[1]
    ?.trim();
  return value === "" ? undefined : value?.replace(/[.)]+$/, "");
}

const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const isNamed = (name: string, fields: ReadonlySet<string>) =>
  wordsOf(name).some((word) => fields.has(stem(word)));
const figuresIn = (text: string) =>
  [...text.matchAll(/(?<![\w.-])-?\d[\d,]*(?:\.\d+)?(?![\w-])/gu)].map(([figure]) =>
    Number(figure.replaceAll(",", "")),
  );
const cutTo = (text: string, most: number | undefined) =>
  text === "" ? undefined : most !== undefined && text.length > most ? text.slice(0, most) : text;
