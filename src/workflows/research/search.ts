import type { Clock } from "../../core/clock.js";
import { BatonError } from "../../core/errors.js";
import { fanOut } from "../../execution/fan-out.js";
import type { Failed } from "../../execution/job.js";
import { arrived } from "./arrived.js";
import type { ResearchSource } from "./source.js";
import type { Failure, Found, ResearchQuery } from "./state.js";

export interface SearchAllOptions {
  /** Most passages of a search. */
  readonly perSource: number;
  /** Longest time of all searches together. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Hears of each search as it ends. Must not throw. */
  readonly onSearch?: (event: SearchEvent) => void;
}

/** What became of one search, for whoever watches the run. */
export interface SearchEvent {
  readonly type: "source";
  readonly source: string;
  readonly query: string;
  readonly status: "done" | "failed";
  /** How many passages it brought. */
  readonly passages?: number;
  readonly error?: string;
}

/**
 * Puts all queries to all sources at once.
 *
 * @throws {BatonError} `QUORUM_NOT_REACHED` when none of them answered, with what each failed with; `CANCELLED`
 */
export async function searchAll(
  sources: readonly ResearchSource[],
  queries: readonly ResearchQuery[],
  { perSource, timeoutMs, clock, signal, onSearch }: SearchAllOptions,
): Promise<{ readonly found: readonly Found[]; readonly failures: readonly Failure[] }> {
  const unread = new Map<string, string>();
  const jobs = sources.flatMap((source) =>
    queries.map((query, index) => ({
      name: source.name,
      async run(inner: AbortSignal): Promise<Found> {
        const asked = wordsFor(query);
        const onUnread = (message: string): void => {
          if (!inner.aborted) unread.set(source.name, message);
        };
        const event = { type: "source", source: source.name, query: asked } as const;
        try {
          const given = await source.search(asked, { limit: perSource, signal: inner, onUnread });
          const passages = arrived(given, source.name, perSource);
          onSearch?.({ ...event, status: "done", passages: passages.length });
          return { source: source.name, query: index, passages };
        } catch (error) {
          onSearch?.({
            ...event,
            status: "failed",
            error: error instanceof Error ? error.message : String(error),
          });
          throw error;
        }
      },
    })),
  );
  const { results, errors } = await fanOut(jobs, { timeoutMs, clock, require: 0, ...(signal && { signal }) });
  const searches = queries.length;
  const failures = failuresOf(errors, searches);
  if (results.length === 0) throw allFailed(failures, errors);
  const inPart = [...unread].map(([source, message]) => ({
    source,
    code: "UPSTREAM",
    message,
    failed: 0,
    searches,
  }));
  return { found: results.map(({ value }) => value), failures: [...failures, ...inPart] };
}

/** A text on changes calls them so. */
function wordsFor({ search, changes }: ResearchQuery): string {
  return changes ? `${search} changes`.trim() : search;
}

function failuresOf(errors: readonly Failed[], searches: number): readonly Failure[] {
  return [...new Set(errors.map(({ name }) => name))].map((source) => {
    const own = errors.filter(({ name }) => name === source);
    const { code, message } = (own[0] as Failed).error;
    return { source, code, message, failed: own.length, searches };
  });
}

/** What a source failed with, under its name. */
export function namedFailure({ source, message }: Pick<Failure, "source" | "message">): string {
  return message.startsWith(source) ? message : `${source}: ${message}`;
}

function allFailed(failures: readonly Failure[], errors: readonly Failed[]): BatonError {
  const reasons = failures.map(namedFailure).join("; ");
  const advice = "check that the servers run and that limits.timeoutMs suffices, then ask again";
  return new BatonError(
    "QUORUM_NOT_REACHED",
    `research: none of the sources answered (${reasons}); ${advice}`,
    {
      cause: errors[0]?.error,
      retryable: errors.some(({ error }) => error.retryable),
      data: { results: [], errors: failures },
    },
  );
}
