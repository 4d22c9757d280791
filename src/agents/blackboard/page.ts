import { escapeAttribute } from "../section.js";

/** What is shown at once, in characters: some 5,000 tokens, which an agent pays for in each later call. */
const PAGE = 20_000;

/**
 * Sections of the newest first, as many as fit, and how to see the others. One is always shown, so that none is out of
 * reach. `all` has the oldest first.
 */
export function newest<One extends { readonly id: string }>(
  kind: string,
  all: readonly One[],
  toSection: (one: One) => string,
): readonly string[] {
  const sections: string[] = [];
  let room = PAGE;
  for (const one of all.toReversed()) {
    const section = toSection(one);
    room -= section.length + 1;
    if (room < 0 && sections.length > 0) break;
    sections.push(section);
  }
  const left = all.length - sections.length;
  const last = all[left];
  if (left === 0 || last === undefined) return sections;
  const next = `To see more, set before to "${escapeAttribute(last.id)}".`;
  return [...sections, `Older ${kind} that are not shown: ${left}. ${next}`];
}

/** What is older than the entry of this id; nothing, when it is not among them. */
export function before<One extends { readonly id: string }>(
  all: readonly One[],
  id: string | undefined,
): readonly One[] {
  if (id === undefined) return all;
  const position = all.findIndex((one) => one.id === id);
  return all.slice(0, Math.max(0, position));
}
