import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import { type Clock, systemClock } from "../core/clock.js";
import { reasonOf } from "../core/errors.js";
import { emitWarning } from "../core/warning.js";
import { createVectors, type Vectors } from "../memory/vectors.js";
import type { Entry } from "./entry.js";

/** What an embedding model thinks of tools. */
export interface Meanings {
  /** The nearest tools, best first; none, and a warning, when the model fails: words find tools without it. */
  nearest(query: string, limit: number, accept: (tool: number) => boolean): Promise<readonly number[]>;
}

const MOST_CHARACTERS = 2000;
/** What a search waits for the model. Embedding all tools may take longer: it goes on, for a later search. */
const PATIENCE_MS = 5000;
/** How long a model that failed is left alone. */
const REST_MS = 60_000;

/** The tools are embedded once, at the first search. */
export function createMeanings(
  embeddings: EmbeddingsInterface,
  entries: readonly Entry[],
  clock: Clock = systemClock,
): Meanings {
  let embedding: Promise<Vectors> | undefined;
  let restsUntil = 0;

  async function embed(): Promise<Vectors> {
    const vectors = createVectors();
    const found = await embeddings.embedDocuments(
      entries.map(({ ownName, category, examples, tool }) =>
        [ownName, category, tool.description ?? "", ...examples].join("\n").slice(0, MOST_CHARACTERS),
      ),
    );
    for (const [at, vector] of found.entries()) vectors.add(String(at), vector);
    return vectors;
  }

  /** Only a failure is embedded anew: what is late may still come. */
  async function tools(): Promise<Vectors> {
    embedding ??= embed();
    const current = embedding;
    try {
      return await current;
    } catch (error) {
      if (embedding === current) embedding = undefined;
      throw error;
    }
  }

  return {
    async nearest(query, limit, accept) {
      if (query.trim() === "" || clock.now() < restsUntil) return [];
      try {
        return await inTime(clock, async () => {
          const vectors = await tools();
          const vector = await embeddings.embedQuery(query.slice(0, MOST_CHARACTERS));
          return vectors.search(vector, limit, (id) => accept(Number(id))).nearest.map(Number);
        });
      } catch (error) {
        restsUntil = clock.now() + REST_MS;
        emitWarning(
          `registry: searches by words alone for ${REST_MS / 1000} s, as embedding failed: ${reasonOf(error)}`,
          "EMBEDDINGS",
        );
        return [];
      }
    },
  };
}

async function inTime<T>(clock: Clock, work: () => Promise<T>): Promise<T> {
  let cancel = (): void => {};
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(PATIENCE_MS, () => reject(new Error(`no answer in ${PATIENCE_MS / 1000} s`)));
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    cancel();
  }
}
