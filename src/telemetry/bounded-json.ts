/** No content in telemetry is longer, in characters. */
export const LONGEST_CONTENT = 8192;

/** A value as JSON text that is cut when it is too long, long texts within it first. Never throws. */
export function boundedJson(value: unknown, longest = LONGEST_CONTENT): string {
  try {
    const json = JSON.stringify(value, (_, part: unknown) =>
      typeof part === "string" ? cut(part, longest) : part,
    );
    return cut(json ?? "null", longest);
  } catch (error) {
    // What telemetry cannot show must not fail the call.
    return `(not JSON: ${error instanceof Error ? error.name : typeof error})`;
  }
}

/** The text's beginning, and how much is missing. */
export function cut(text: string, longest = LONGEST_CONTENT): string {
  if (text.length <= longest) return text;
  // Not between the halves of a surrogate pair: exporters write UTF-8.
  const end = /[\uD800-\uDBFF]/.test(text[longest - 1] ?? "") ? longest - 1 : longest;
  return `${text.slice(0, end)}… (${text.length - end} more characters)`;
}
