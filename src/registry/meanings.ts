import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import { reasonOf } from "../core/errors.js";
import { emitWarning } from "../core/warning.js";
import { createVectors } from "../memory/vectors.js";
import type { Entry } from "./entry.js";

/** What an embedding model thinks of tools. */
export interface Meanings {
  /** The nearest tools, best first; none, and a warning, when the model fails: words find tools without it. */
  nearest(query: string, limit: number, accept: (tool: number) => boolean): Promise<readonly number[]>;
}

const MOST_CHARACTERS = 2000;

/** The tools are embedded once, at the first search. */
export function createMeanings(embeddings: EmbeddingsInterface, entries: readonly Entry[]): Meanings {
  const vectors = createVectors();
  let embedding: Promise<void> | undefined;
  const embed = async (): Promise<void> => {
    const found = await embeddings.embedDocuments(
      entries.map(({ ownName, category, examples, tool }) =>
        [ownName, category, tool.description ?? "", ...examples].join("\n").slice(0, MOST_CHARACTERS),
      ),
    );
    for (const [at, vector] of found.entries()) vectors.add(String(at), vector);
  };
  return {
    async nearest(query, limit, accept) {
      if (query.trim() === "") return [];
      try {
        embedding ??= embed();
        await embedding;
        const vector = await embeddings.embedQuery(query);
        return vectors.search(vector, limit, (id) => accept(Number(id))).nearest.map(Number);
      } catch (error) {
        // The next search tries again.
        if (vectors.size === 0) embedding = undefined;
        emitWarning(`registry: searched by words alone, as embedding failed: ${reasonOf(error)}`, "STORE");
        return [];
      }
    },
  };
}
