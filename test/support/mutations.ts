import fc from "fast-check";

/** What a byte that flipped, a buffer that was cut or a library that errs makes of a value. */
const ODD_VALUES: readonly unknown[] = [
  null,
  0,
  42,
  -1,
  1.5,
  1e300,
  "",
  "text",
  "2.0",
  true,
  false,
  [],
  {},
  [null],
  [[]],
  { _meta: 1 },
  { type: "text" },
  { $ref: "#" },
  "\u0000",
  "\ud800",
];

interface Edit {
  readonly at: number;
  readonly kind: "replace" | "delete" | "rename" | "duplicate" | "wrap";
  readonly value: unknown;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat(1000),
  kind: fc.constantFrom("replace", "delete", "rename", "duplicate", "wrap"),
  value: fc.oneof(fc.constantFrom(...ODD_VALUES), fc.jsonValue({ maxDepth: 2 })),
});

/** A JSON value with one to three of its parts changed, wherever they stand. */
export function mutated(value: object): fc.Arbitrary<Record<string, unknown>> {
  return fc.array(edit, { minLength: 1, maxLength: 3 }).map((edits) => {
    const copy = structuredClone(value) as Record<string, unknown>;
    for (const each of edits) apply(copy, each);
    return copy;
  });
}

function apply(root: Record<string, unknown>, { at, kind, value }: Edit): void {
  const places: [holder: Record<string, unknown>, key: string][] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    for (const key of Object.keys(node)) {
      places.push([node as Record<string, unknown>, key]);
      visit((node as Record<string, unknown>)[key]);
    }
  };
  visit(root);
  const [holder, key] = places[at % Math.max(1, places.length)] ?? [];
  if (holder === undefined || key === undefined) return;
  const before = holder[key];
  if (kind === "replace") holder[key] = value;
  if (kind === "delete" || kind === "rename") delete holder[key];
  if (kind === "rename") holder[`${key}x`] = before;
  if (kind === "wrap") holder[key] = [before];
  if (kind === "duplicate" && Array.isArray(holder)) holder.push(structuredClone(before));
}

/** A text with some of its characters lost, changed, doubled or cut off; line breaks count as lost. */
export function garbled(text: string): fc.Arbitrary<string> {
  const cut = fc.record({
    at: fc.nat(999),
    drop: fc.nat(20),
    put: fc.string({ maxLength: 3, unit: "binary" }),
  });
  return fc
    .tuple(fc.array(cut, { minLength: 1, maxLength: 3 }), fc.option(fc.integer({ min: 100, max: 1000 })))
    .map(([cuts, end]) => {
      let now = text;
      for (const { at, drop, put } of cuts) {
        const start = Math.floor((at / 1000) * now.length);
        now = now.slice(0, start) + put + now.slice(start + drop);
      }
      return (end === null ? now : now.slice(0, Math.ceil((end / 1000) * now.length)))
        .replace(/[\n\r]/g, " ")
        .replace(/[\ud800-\udfff]/g, "?");
    });
}
