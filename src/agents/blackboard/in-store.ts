import type { BaseStore } from "@langchain/langgraph";
import { z } from "zod";
import { canonicalJson, hashJson } from "../../core/canonical.js";
import type { Clock } from "../../core/clock.js";
import {
  checkFindingFilter,
  checkName,
  checkRequestFilter,
  checkRoom,
  checkSources,
  checkTaken,
  requestIn,
  toAnswer,
  toFinding,
  toRequest,
} from "./entries.js";
import { filtered } from "./in-memory.js";
import { EMPTY_BOARD, mergeBoard } from "./merge.js";
import { createRecords, type Records } from "./records.js";
import { findingSchema } from "./state.js";
import { createTaking } from "./taking.js";
import type { Board, BoardRequest, Finding, RequestStatus } from "./types.js";

// No label that a user gives is ever encoded as one of these: there `=` is followed by digits.
const FINDINGS = "=findings";
const REQUESTS = "=requests";
const CLAIMS = "=claims";
const ANSWERS = "=answers";

const requestRecord = z.object({ id: z.string(), need: z.string(), by: z.string(), time: z.string() });
const answerRecord = z.object({
  by: z.string(),
  answer: z.string(),
  findings: z.array(z.string()).optional(),
});

/**
 * A board that lives in a store. Nothing is written over: each post is an item of its own, and so is a request, each
 * claim to it and its answer. What the board holds is what all of them come to. Limits of number may be passed by as
 * many as write in the same moment.
 */
export function inStore(store: BaseStore, root: readonly string[], clock: Clock): Board {
  const records = createRecords(store, root);
  const takeOnce = createTaking(records, CLAIMS, clock);

  const board: Board = {
    async post(given) {
      const finding = toFinding(given, clock.now());
      const state = { ...EMPTY_BOARD, findings: await readFindings(records) };
      checkRoom(state, "findings", finding.id);
      const { findings } = mergeBoard(state, { findings: [finding] });
      const posted = findings.find(({ id }) => id === finding.id) ?? finding;
      checkSources(posted);
      await put(finding);
      return posted;
    },
    async findings(filter) {
      checkFindingFilter(filter);
      return filtered(await readFindings(records), filter);
    },
    async ask(given) {
      const request = toRequest(given, clock.now());
      const requests = await readRequests(records);
      const known = requests.find(({ id }) => id === request.id);
      if (known) return known;
      checkRoom({ ...EMPTY_BOARD, requests }, "requests", request.id);
      await records.put([REQUESTS], request.id, toRecord(request));
      return request;
    },
    async requests(filter) {
      checkRequestFilter(filter);
      const { status } = filter ?? {};
      const requests = await readRequests(records);
      return requests.filter((request) => status === undefined || request.status === status);
    },
    async take(id, by) {
      checkName("take", "by", by);
      const request = requestIn({ requests: await readRequests(records) }, "take", id);
      if (request.status !== "open") return request.takenBy === by ? request : undefined;
      const takenAt = await takeOnce(id, by);
      return takenAt === undefined ? undefined : { ...request, status: "taken", takenBy: by, takenAt };
    },
    async finish(id, by, given) {
      checkName("finish", "by", by);
      const { findings, requests } = await board.snapshot();
      const answer = toAnswer(given, findings);
      const request = requestIn({ requests }, "finish", id);
      checkTaken(request, by);
      if (request.status === "done") return request;
      await records.put([ANSWERS], id, { by, ...answer });
      return { ...request, ...answer, status: "done" };
    },
    async snapshot() {
      const [findings, requests] = await Promise.all([readFindings(records), readRequests(records)]);
      return { findings, requests };
    },
    async merge(state) {
      const known = await board.snapshot();
      const merged = mergeBoard(known, state);
      const textOf = new Map(known.findings.map((finding) => [finding.id, canonicalJson(finding)]));
      const has = new Set(known.requests.map(({ id }) => id));
      await Promise.all([
        ...merged.findings.filter((finding) => textOf.get(finding.id) !== canonicalJson(finding)).map(put),
        ...merged.requests.filter(({ id }) => !has.has(id)).map(putRequest),
      ]);
    },
  };
  return board;

  /** The same post is the same item, and what it was posted first stands. */
  async function put(finding: Finding): Promise<void> {
    const { time: _, ...content } = finding;
    const key = hashJson(content);
    if ((await records.get([FINDINGS], key)) === undefined)
      await records.put([FINDINGS], key, { ...finding });
  }

  /** One that was taken and not answered is open again: a claim is made by whoever takes it, never copied. */
  async function putRequest(request: BoardRequest): Promise<void> {
    const { id, takenBy: by, answer, findings } = request;
    if (by !== undefined && answer !== undefined)
      await records.put([ANSWERS], id, { by, answer, ...(findings && { findings }) });
    await records.put([REQUESTS], id, toRecord(request));
  }

  async function readRequests({ list }: Records): Promise<readonly BoardRequest[]> {
    const [requests, answers, taken] = await Promise.all([
      list([REQUESTS], requestRecord),
      list([ANSWERS], answerRecord),
      takeOnce.taken(),
    ]);
    const answerTo = new Map(answers.map(({ key, value }) => [key, value]));
    const all = requests.map(({ value: request }): BoardRequest => {
      const claim = taken.get(request.id);
      const answer = answerTo.get(request.id);
      const status: RequestStatus = answer ? "done" : claim ? "taken" : "open";
      const { by: answeredBy, answer: text, findings } = answer ?? {};
      const takenBy = answeredBy ?? claim?.by;
      return {
        ...request,
        status,
        ...(takenBy !== undefined && { takenBy }),
        ...(claim && { takenAt: claim.time }),
        ...(text !== undefined && { answer: text }),
        ...(findings && { findings }),
      };
    });
    return mergeBoard(EMPTY_BOARD, { requests: all }).requests;
  }
}

async function readFindings({ list }: Records): Promise<readonly Finding[]> {
  const items = await list([FINDINGS], findingSchema);
  return mergeBoard(EMPTY_BOARD, { findings: items.map(({ value }) => value) }).findings;
}

function toRecord({ id, need, by, time }: BoardRequest) {
  return { id, need, by, time };
}
