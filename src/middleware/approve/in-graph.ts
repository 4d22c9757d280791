import type { Call } from "../../core/call.js";
import { hashJson } from "../../core/canonical.js";
import type { Clock } from "../../core/clock.js";
import type { Asked, AskedQuestions } from "./asked.js";
import { type ApprovalDecision, type ApprovalRequest, readResponse, rejected } from "./request.js";
import type { Resumed, Task } from "./task.js";

export interface Question {
  readonly call: Call;
  /** Of the call and its arguments; each question that is asked about it gets a hash of its own. */
  readonly callHash: string;
  /** The request with words for a person; `note` says why an earlier decision did not count. */
  readonly write: (hash: string, expiresAt: number, note: string | undefined) => Promise<ApprovalRequest>;
  readonly expiresMs: number;
  readonly clock: Clock;
}

export interface Answer {
  readonly decision: ApprovalDecision;
  /** To be told of what the call failed with: one that was only interrupted keeps its decision for the next run. */
  failed(error: unknown): Promise<void>;
}

/**
 * Asks by a LangGraph interrupt. LangGraph runs the task again to deliver an answer, hands out all that the task ever
 * received by order alone, and delivers some of it twice: a value without an interrupt's id reaches every task that
 * waits, and lies in the checkpoint afterwards. So a value counts only for the question that was asked at its place
 * and is still open. Whatever else comes is passed over, and the question is asked anew at the next place.
 */
export async function askInGraph(task: Task, open: AskedQuestions, question: Question): Promise<Answer> {
  const { call, clock } = question;
  const passedOver: string[] = [];
  let note: string | undefined;
  for (;;) {
    const position = task.position();
    const resumed = await nextValue(position);
    const asked = await open.get(hashAt(position));
    const reading = readResponse(resumed.value);
    note = asked ? await problemOf(resumed, reading, asked, task, open) : NOT_ASKED;
    // Taken away also when it does not count: the same value comes to the same place in every later run.
    const isMine = asked !== undefined && (await open.take(asked.hash));
    if (isMine && note === undefined && typeof reading !== "string") {
      if (clock.now() >= asked.expiresAt)
        throw rejected(call, "expired", "the decision came too late; call the tool again to ask anew");
      return { decision: reading, failed: (error) => keepIfInterrupted(error, asked) };
    }
    note ??= NOT_ASKED;
    if (resumed.value === undefined) throw rejected(call, "unreadable", `no decision came, as ${note}`);
    if (resumed.sentTo !== "task") passedOver.push(hashJson(resumed.value));
  }

  function hashAt(position: number): string {
    return hashOfQuestion(question.callHash, task, position);
  }

  async function nextValue(position: number): Promise<Resumed> {
    try {
      return task.interrupt();
    } catch (interrupt) {
      const [shown] = task.isInterrupt(interrupt) ? interrupt.interrupts : [];
      if (shown) shown.value = await ask(position);
      throw interrupt;
    }
  }

  async function ask(position: number): Promise<ApprovalRequest> {
    const { received, values } = await task.pending();
    // A run that starts again from a checkpoint does not see what was received there; the run after it does.
    const hash = hashAt(Math.max(position, received));
    const asked = await open.get(hash);
    const expiresAt = asked?.expiresAt ?? clock.now() + question.expiresMs;
    const request = await question.write(hash, expiresAt, note);
    if (asked === undefined)
      await open.put({ hash, expiresAt, earlier: [...new Set([...passedOver, ...values])] });
    return request;
  }

  async function keepIfInterrupted(error: unknown, asked: Asked): Promise<void> {
    // It was given in time, however long the call is interrupted.
    if (task.isInterrupt(error)) await open.put({ ...asked, expiresAt: Number.MAX_SAFE_INTEGER });
  }
}

/** Whether the task stopped at a question about this call: then somebody was told that it waits for them. */
export async function wasAskedInGraph(task: Task, callHash: string): Promise<boolean> {
  const { hash } = ((await task.asked()) ?? {}) as { readonly hash?: unknown };
  if (typeof hash !== "string") return false;
  const first = task.position();
  const { received } = await task.pending();
  for (let position = first; position <= Math.max(first, received); position++)
    if (hashOfQuestion(callHash, task, position) === hash) return true;
  return false;
}

function hashOfQuestion(callHash: string, { threadId, namespace }: Task, position: number): string {
  return hashJson([callHash, threadId, namespace, position]);
}

const NOT_ASKED = "it was for another question or other arguments, or has been used";

/** Why a value that came to an open question is no decision on it. */
async function problemOf(
  { value, sentTo }: Resumed,
  reading: ApprovalDecision | string,
  { hash, earlier }: Asked,
  task: Task,
  open: AskedQuestions,
): Promise<string | undefined> {
  if (typeof reading === "string") return reading;
  if (reading.hash !== undefined && reading.hash !== hash) return NOT_ASKED;
  if (sentTo === "task") return undefined;
  if (earlier.includes(hashJson(value)))
    return "it cannot be told from an earlier one; send it to the id of the interrupt";
  if (reading.hash !== undefined) return undefined;
  if (sentTo === "past" || (await task.othersWait(async (other) => (await open.get(other)) !== undefined)))
    return "several calls wait and it does not say for which; send it to the id of the interrupt";
  return undefined;
}
