import { loadTools, standard } from "langbaton";
import { graphFactory, modelOption } from "langbaton/agents/factory";
import { createCodeReview } from "langbaton/workflows/code-review";

const use = standard();

/** Reviews the folder that LANGBATON_REVIEW names, or this project. */
export const graph = graphFactory({
  servers: new URL("code-review.json", import.meta.url),
  context: { model: modelOption() },
  async create({ servers, context }) {
    const tools = await loadTools(servers, { use, include: ["code.*", "files.read_text_file"] });
    return createCodeReview({ model: context.model, tools });
  },
});
