import { MemorySaver } from "@langchain/langgraph";
import { createWorkflow, type WorkflowOptions, type WorkflowStep } from "../../src/workflows/workflow.js";

/** A workflow `w` of these steps, with a checkpointer of its own in memory. */
export function createTestWorkflow(steps: readonly WorkflowStep[], more: Partial<WorkflowOptions> = {}) {
  return createWorkflow({ name: "w", steps, graph: { checkpointer: new MemorySaver() }, ...more });
}

/** A function of a step that fails always. */
export function fails(): never {
  throw new Error("it broke");
}
