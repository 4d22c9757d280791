type Step = { readonly field: string } | { readonly index: number } | "each";

/** Names between dots, each with any number of `[0]`, `[-1]` or `[*]` behind it. */
const STEPS = /\[(?<index>-?\d+|\*)\]|(?<field>[^.[\]]+)/g;

/**
 * The texts to embed at one path of a value: `$` is all of it as JSON; else `a.b`, `a[0]`, `a[-1]`, `a[*].b`. Numbers
 * and booleans count as text, lists and objects as JSON, what is not there as nothing.
 */
export function textsAt(value: unknown, path: string): string[] {
  if (path === "$") return toTexts(value);
  let found = [value];
  for (const { groups } of path.matchAll(STEPS)) {
    const step = toStep(groups ?? {});
    found = found.flatMap((each) => take(each, step));
  }
  return found.flatMap(toTexts);
}

function toStep({ index, field = "" }: Record<string, string | undefined>): Step {
  if (index === "*") return "each";
  return index === undefined ? { field } : { index: Number(index) };
}

function take(value: unknown, step: Step): unknown[] {
  if (step === "each") return Array.isArray(value) ? value : [];
  if ("index" in step) return Array.isArray(value) ? [value.at(step.index)] : [];
  return typeof value === "object" && value !== null && Object.hasOwn(value, step.field)
    ? [(value as Record<string, unknown>)[step.field]]
    : [];
}

function toTexts(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  return [typeof value === "string" ? value : JSON.stringify(value)];
}
