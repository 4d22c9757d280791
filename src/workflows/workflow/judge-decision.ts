import { hashJson } from "../../core/canonical.js";
import { matches } from "../../core/pattern.js";
import type { Resumed, Task } from "../../middleware/approve/task.js";
import type { ApprovalDecision } from "../../middleware/approve.js";
import type { Asked } from "./question.js";

/** Of a value that came before the question was asked, or is for another one. */
export const NOT_ASKED = "it was for another question or other arguments, or has been used";

/** Why a value that came to an open question is no decision on it. */
export async function problemOf(
  { value, sentTo }: Resumed,
  decision: ApprovalDecision | string,
  name: string | undefined,
  { hash, earlier, by, people, agreed, reviewConfigs }: Asked,
  notBy: readonly string[],
  task: Task,
): Promise<string | undefined> {
  if (typeof decision === "string") return decision;
  if (decision.hash !== undefined && decision.hash !== hash) return NOT_ASKED;
  if (sentTo !== "task" && decision.hash === undefined) {
    if (earlier.includes(hashJson(value)))
      return "it cannot be told from an earlier one; send it to the id of the interrupt";
    if (sentTo === "past" || (await task.othersWait(async () => false)))
      return "several questions wait and it does not say for which; send it to the id of the interrupt";
  }
  if (name === undefined) {
    if (by === undefined && notBy.length === 0 && people === 1) return undefinedUnlessEdit();
    return "it does not say who decided: give 'by'";
  }
  if (by?.every((pattern) => !matches(pattern, name))) return `${name} may not decide; ${by.join(", ")} may`;
  if (notBy.includes(name)) return `${name} may not decide on this: somebody else has to`;
  if (agreed.some((one) => one.by === name) && decision.type !== "reject")
    return `${name} has agreed already: ${people} different people have to`;
  return undefinedUnlessEdit();

  function undefinedUnlessEdit(): string | undefined {
    if (typeof decision === "string" || decision.type !== "edit") return undefined;
    const [{ allowedDecisions, actionName }] = reviewConfigs;
    if (!allowedDecisions.includes("edit")) return "there is no single call whose arguments could be edited";
    return decision.editedAction.name === actionName
      ? undefined
      : `an edit may change the arguments of '${actionName}', and it named another tool`;
  }
}
