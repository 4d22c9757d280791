import type { PendingApproval } from "../../workflows/run.js";
import { toDuration } from "../progress/duration.js";

const SHORT = 8;

/** What a question is answered by: as much of its hash as is not too much to type. */
export function idOf({ hash, interrupt }: PendingApproval, others: readonly PendingApproval[] = []): string {
  const whole = hash || interrupt;
  const rest = others.map((other) => other.hash || other.interrupt).filter((other) => other !== whole);
  let length = SHORT;
  while (rest.some((other) => other.startsWith(whole.slice(0, length)))) length++;
  return whole.slice(0, length);
}

/** The question for a person: whose it is, what it is about, who may decide, and until when. */
export function describeQuestion(approval: PendingApproval, now = Date.now()): readonly string[] {
  const { workflow, run, step, risk, by, people, agreed, expiresAt, actionRequests } = approval;
  const [{ description }] = actionRequests;
  const who = [
    ...(by === undefined ? [] : [`may decide: ${by.join(", ")}`]),
    ...(people === 1 ? [] : [`${agreed.length} of ${people} have agreed`]),
    ...(expiresAt === Number.MAX_SAFE_INTEGER ? [] : [lasts(expiresAt - now)]),
  ];
  return [
    `? ${step}  ${risk} risk  run '${run}' of ${workflow}${who.length === 0 ? "" : `  (${who.join("; ")})`}`,
    ...description.split("\n").map((line) => (line === "" ? "" : `  ${line}`)),
  ];
}

function lasts(leftMs: number): string {
  return leftMs <= 0 ? "its time is over" : `expires in ${toDuration(leftMs)}`;
}
