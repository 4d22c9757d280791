import { loadTools, standard } from "langbaton";
import { graphFactory, modelOption } from "langbaton/agents/factory";
import { createResearch, researchSources } from "langbaton/workflows/research";
import { z } from "zod";

const use = standard();
const passages = z.int().min(1).max(50).default(10).meta({
  title: "Passages",
  description: "How many of the best passages are read. With a model each is one call of it.",
});

/** Research over the company's policies and a folder of notes. */
export const graph = graphFactory({
  servers: new URL("research.json", import.meta.url),
  context: { model: modelOption(), passages },
  async create({ servers, context }) {
    const sources = researchSources(await loadTools(servers, { use }));
    return createResearch({ model: context.model, sources, limits: { top: context.passages } });
  },
});
