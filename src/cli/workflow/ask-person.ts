import { userInfo } from "node:os";
import { createInterface, type Interface } from "node:readline/promises";
import type { ApprovalDecision } from "../../middleware/approve.js";
import type { PendingApproval } from "../../workflows/run.js";
import { note } from "../output.js";
import { describeQuestion } from "./describe-question.js";

/** Whether somebody sits there who can be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** Asks at the terminal; undefined when it is to be decided later. */
export async function askPerson(
  approval: PendingApproval,
  signal: AbortSignal,
): Promise<ApprovalDecision | undefined> {
  note(describeQuestion(approval).join("\n"));
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // The terminal gives Ctrl-C as a key while a line is read.
  terminal.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  try {
    const answer = await ask(terminal, "Approve? [yes/no, Enter: later] ", signal);
    const type = /^y(es)?$/iu.test(answer) ? "approve" : /^no?$/iu.test(answer) ? "reject" : undefined;
    if (type === undefined) return undefined;
    const own = userInfo().username;
    const by = (await ask(terminal, `Who decides? [${own}] `, signal)) || own;
    return { type, by };
  } finally {
    terminal.close();
  }
}

/** The end of the input is no answer. */
async function ask(terminal: Interface, question: string, signal: AbortSignal): Promise<string> {
  const ended = new Promise<string>((resolve) => terminal.once("close", () => resolve("")));
  return (await Promise.race([terminal.question(question, { signal }), ended])).trim();
}
