/** Where a finding comes from. */
export interface Source {
  /** For people: "Remote Work Policy, updated 2026-09-15". */
  readonly label: string;
  /** `server.tool`, or the name by which the model knows it. */
  readonly tool?: string;
  readonly uri?: string;
  /** The tool call whose result it is. */
  readonly toolCallId?: string;
}

/** What an agent found out. Nothing changes it; the same finding of another agent adds its sources and its name. */
export interface Finding {
  /** A hash of key and value: the same finding has the same id, whoever posts it and however often. */
  readonly id: string;
  /** What it is about. Several findings may have one key: agents may disagree. */
  readonly key: string;
  /** JSON. */
  readonly value: unknown;
  /** Who posted it first. */
  readonly author: string;
  /** ISO 8601, in UTC. */
  readonly time: string;
  readonly sources: readonly Source[];
  /** From 0 to 1. */
  readonly confidence?: number;
  /** Who else found the same. */
  readonly confirmedBy?: readonly string[];
}

export type RequestStatus = "open" | "taken" | "done";

/** What an agent needs to know and another may find out. */
export interface BoardRequest {
  /** A hash of who needs what. */
  readonly id: string;
  readonly need: string;
  readonly by: string;
  /** ISO 8601, in UTC. */
  readonly time: string;
  readonly status: RequestStatus;
  readonly takenBy?: string;
  /** ISO 8601, in UTC. */
  readonly takenAt?: string;
  readonly answer?: string;
  /** Ids of findings that the answer rests on. */
  readonly findings?: readonly string[];
}

/** All that a board holds, as a graph's state stores it. */
export interface BoardState {
  readonly findings: readonly Finding[];
  readonly requests: readonly BoardRequest[];
}

export interface NewFinding {
  readonly key: string;
  readonly value: unknown;
  readonly author: string;
  readonly sources?: readonly Source[];
  readonly confidence?: number;
}

export interface NewRequest {
  readonly need: string;
  readonly by: string;
}

export interface FindingFilter {
  readonly key?: string;
  readonly author?: string;
}

export interface RequestFilter {
  readonly status?: RequestStatus;
}

export interface Answer {
  readonly answer: string;
  readonly findings?: readonly string[];
}

/**
 * What agents share while they work. A name stands for one agent: two that run at once need two names.
 *
 * Every method throws a `BatonError`: `INVALID_ARGUMENTS` for what cannot be used, `OVERLOADED` for a board that is full,
 * and over a store `STORE`.
 */
export interface Board {
  /** The finding as it then stands there: the same one of another agent is confirmed by this. */
  post(finding: NewFinding): Promise<Finding>;
  /** The oldest first. */
  findings(filter?: FindingFilter): Promise<readonly Finding[]>;
  /** Asking for the same again is the same request. */
  ask(request: NewRequest): Promise<BoardRequest>;
  /** The oldest first. */
  requests(filter?: RequestFilter): Promise<readonly BoardRequest[]>;
  /** The request, which nobody else then gets; undefined when someone else has it. Whoever has it may take it again. */
  take(id: string, by: string): Promise<BoardRequest | undefined>;
  /** Only for whoever took it. Of two answers the first stands. */
  finish(id: string, by: string, answer: Answer): Promise<BoardRequest>;
  snapshot(): Promise<BoardState>;
  /** Takes in what a checkpoint kept of a board. Over a store, requests that are known there stay as they are. */
  merge(state: BoardState): Promise<void>;
}
