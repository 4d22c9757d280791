import { BatonError } from "./errors.js";

/** Whether a text has the form that {@link toolMatcher} takes. */
export function isToolPattern(pattern: string): boolean {
  const dot = pattern.indexOf(".");
  return dot >= 1 && dot < pattern.length - 1 && pattern === pattern.trim();
}

/**
 * A test for tools by name: `server.tool`, where `*` on either side stands for any characters, as in `files.*`
 * or `*.read_*`. A server's name has no dot, so the first dot divides. Case counts.
 *
 * @throws {BatonError} `CONFIG_INVALID` when a pattern is not of that form
 */
export function toolMatcher(patterns: readonly string[]): (server: string, tool: string) => boolean {
  const pairs = patterns.map((pattern) => {
    if (!isToolPattern(pattern)) {
      throw new BatonError(
        "CONFIG_INVALID",
        `the tool pattern ${JSON.stringify(pattern)} is not of the form server.tool: write 'files.read_file', 'files.*' or '*.*'`,
        { data: { pattern } },
      );
    }
    const dot = pattern.indexOf(".");
    return [pattern.slice(0, dot), pattern.slice(dot + 1)] as const;
  });
  return (server, tool) => pairs.some(([left, right]) => matches(left, server) && matches(right, tool));
}

/**
 * Whether a text is of a pattern in which `*` stands for any characters. Greedy with one step back to the last star: linear in
 * practice, at worst pattern times text, never more.
 */
export function matches(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let i = 0; i < text.length; ) {
    if (pattern[at] === "*") {
      star = at++;
      resume = i;
    } else if (pattern[at] === text[i]) {
      at++;
      i++;
    } else if (star !== -1) {
      at = star + 1;
      i = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}
