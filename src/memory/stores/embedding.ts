import type { IndexConfig } from "@langchain/langgraph-checkpoint";
import { BatonError, reasonOf } from "../../core/errors.js";
import type { Read, Write } from "./operations.js";
import { textsAt } from "./text-at.js";

/** Of length 1, so that a dot product is the cosine; all zero for a text that the model finds nothing in. */
export type UnitVector = Float32Array;

export interface Embedded {
  /** None for a write that deletes, has `index: false`, or has no text at its paths. */
  readonly vectors: ReadonlyMap<Write, readonly UnitVector[]>;
  readonly queries: ReadonlyMap<string, UnitVector>;
}

/**
 * Embeds all that a batch needs, each text once, before anything of the batch is written.
 *
 * @param store its name, for messages
 * @throws BatonError `STORE` when the model fails or its vectors have the wrong length
 */
export async function embedBatch(
  { dims, embeddings, fields = ["$"] }: IndexConfig,
  { reads, writes }: { readonly reads: readonly Read[]; readonly writes: readonly Write[] },
  store: string,
): Promise<Embedded> {
  const asked = reads.flatMap((read) =>
    read.kind === "search" && read.search.query ? [read.search.query] : [],
  );
  const texts = new Map<Write, readonly string[]>();
  for (const write of writes) {
    if (write.json === null || write.index === false) continue;
    const value: unknown = JSON.parse(write.json);
    texts.set(
      write,
      (write.index ?? fields).flatMap((path) => textsAt(value, path)),
    );
  }
  const distinct = [...new Set([...texts.values()].flat())];
  try {
    const embedded = distinct.length === 0 ? [] : await embeddings.embedDocuments(distinct);
    const byText = new Map(distinct.map((text, at) => [text, toUnit(embedded[at], dims)]));
    const queries = new Map<string, UnitVector>();
    for (const query of new Set(asked)) queries.set(query, toUnit(await embeddings.embedQuery(query), dims));
    const vectors = new Map<Write, UnitVector[]>();
    for (const [write, own] of texts)
      vectors.set(
        write,
        [...new Set(own)].map((text) => byText.get(text) as UnitVector),
      );
    return { vectors, queries };
  } catch (error) {
    throw new BatonError("STORE", `${store}: the texts could not be embedded: ${reasonOf(error)}`, {
      cause: error,
      data: { store },
    });
  }
}

/** The cosine of the nearest of an item's vectors; `undefined` for an item that has none. */
export function bestScore(query: UnitVector, vectors: readonly UnitVector[]): number | undefined {
  let best: number | undefined;
  for (const vector of vectors) {
    let dot = 0;
    for (let at = 0; at < query.length; at++) dot += (query[at] as number) * (vector[at] as number);
    if (best === undefined || dot > best) best = dot;
  }
  return best;
}

/** Best first, those without a score behind all others; where scores are the same the given order stays. */
export function byScore<T extends { readonly score?: number | undefined }>(items: readonly T[]): T[] {
  return items.toSorted(
    (a, b) => (b.score ?? Number.NEGATIVE_INFINITY) - (a.score ?? Number.NEGATIVE_INFINITY) || 0,
  );
}

function toUnit(numbers: readonly number[] | undefined, dims: number): UnitVector {
  if (numbers?.length !== dims)
    throw new Error(`the model gave ${numbers?.length ?? 0} numbers, index.dims says ${dims}`);
  const length = Math.hypot(...numbers);
  return Float32Array.from(numbers, (number) => (length === 0 ? 0 : number / length));
}
