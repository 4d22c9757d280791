import type { Clock } from "../../../core/clock.js";
import { isDirectQuestion } from "../clauses.js";
import type { Conversation } from "../conversation.js";
import { type KnownValue, type Request, readRequest } from "../request.js";
import { isFollowUp, narrows, refersBack, splitQuestion } from "../split.js";
import { isRemark } from "../statement.js";

/** One independent part of a question, in words that need no other part beside them. */
export interface Objective {
  readonly text: string;
  readonly request: Request;
  /** The places, from 0, of the parts whose results it refers to. */
  readonly needs: readonly number[];
}

/** With less of a long message in its requests, the rest is the text that they are about. */
const LONG_MESSAGE = 400;
const LEAST_SHARE = 0.6;

/** The parts of the latest question. `suits` says how well somebody could answer a request. */
export function objectivesOf(
  { question, earlierQuestions }: Conversation,
  known: readonly KnownValue[],
  clock: Pick<Clock, "now">,
  suits: (request: Request) => number,
): Objective[] {
  const parts = splitQuestion(question).filter((part) => !isRemark(part));
  const asked = parts.reduce((sum, part) => sum + part.length, 0);
  if (question.length > LONG_MESSAGE && asked < LEAST_SHARE * question.length) {
    return [{ text: question, request: readRequest(parts.join(" "), known, clock), needs: [] }];
  }
  const earlier = earlierQuestions.findLast((one) => !isFollowUp(one));
  let frames = earlier === undefined ? [] : splitQuestion(earlier);
  return parts.map((part, place) => {
    if (!isFollowUp(part) || frames.length === 0) {
      frames = [part];
      return { text: toSentence(part), request: readRequest(part, known, clock), needs: [] };
    }
    const [best] = frames
      .map((frame) => ({
        frame,
        request: readRequest(`${frame} ${part}`, known, clock, narrows(part) ? "" : part),
      }))
      .sort((one, other) => suits(other.request) - suits(one.request));
    const { frame, request } = best ?? { frame: part, request: readRequest(part, known, clock) };
    const both = /\b(?:both|the two)\b/iu.test(part) ? [place - 2, place - 1] : [place - 1];
    return {
      text: `${toSentence(frame).replace(/[^?]$/u, "$&.")} ${toSentence(part)}`,
      request,
      needs: refersBack(part) ? both.filter((one) => one >= 0) : [],
    };
  });
}

/** "what is our policy" gives "What is our policy?", "list the files." gives "List the files". */
function toSentence(part: string): string {
  const words = part
    .trim()
    .replace(/^(?:(?:hello|hey|hi)\b[\s,!.]*|(?:also|please|then)\s+)+/iu, "")
    .replace(/[\s.,;!?]+$/u, "");
  const asks = isDirectQuestion(words) || part.trim().endsWith("?");
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${asks ? "?" : ""}`;
}
