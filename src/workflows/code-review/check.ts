import type { StructuredToolInterface } from "@langchain/core/tools";
import { graphFaults, modelFaults, toolsFaults } from "../../agents/check-options.js";
import { checkOptions, type Fault } from "../../core/faults.js";
import type { CodeReviewOptions } from "../code-review.js";
import { toolNamed } from "./call-tool.js";
import { ANALYSES } from "./types.js";

/** @throws {BatonError} `CONFIG_INVALID` with every fault that the options have */
export function checkCodeReview(options: CodeReviewOptions): void {
  checkOptions("createCodeReview()", options, ["tools", "model", "graph"], ({ tools, model, graph }) => {
    const faults = toolsFaults("tools", tools);
    return [
      ...(faults.length > 0 ? faults : analysesFaults(tools)),
      ...(model === undefined ? [] : modelFaults("model", model)),
      ...graphFaults("graph", graph, ["checkpointer", "store", "name"]),
    ];
  });
}

function analysesFaults(tools: readonly StructuredToolInterface[]): readonly Fault[] {
  if (ANALYSES.some((analysis) => toolNamed(tools, analysis) !== undefined)) return [];
  const problem = `has none of ${ANALYSES.join(", ")}: connect the code server, with codeReviewServers() for example`;
  return [{ path: "tools", problem }];
}
