import { fileURLToPath } from "node:url";
import { connect, loadTools, type Servers, standard } from "langbaton";
import { type CodeReviewGraph, createCodeReview } from "langbaton/workflows/code-review";

let servers: Promise<Servers> | undefined;

/** Reviews the folder that LANGBATON_REVIEW names, or this project. Connected at the first run, once for all runs. */
export async function graph(): Promise<CodeReviewGraph> {
  servers ??= connect(fileURLToPath(new URL("code-review.json", import.meta.url))).catch((error) => {
    // A server that is down now may be there at the next run.
    servers = undefined;
    throw error;
  });
  const include = ["code.*", "files.read_text_file"];
  const tools = await loadTools(await servers, { use: standard(), include });
  return createCodeReview({ model: process.env.LANGBATON_MODEL ?? "offline", tools });
}
