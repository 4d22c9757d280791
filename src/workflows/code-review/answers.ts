import { z } from "zod";
import type { Analysis } from "./types.js";

const count = z.number();
const place = { file: z.string(), line: z.number() };
const common = { root: z.string(), path: z.string(), files: count, leftOut: z.record(z.string(), count) };

/** What the review reads of the tools' answers. Whatever else is in them is passed over. */
export const answerSchemas = {
  secrets: z.object({
    ...common,
    findings: z.array(
      z.object({
        ...place,
        kind: z.string(),
        severity: z.enum(["critical", "high", "medium", "info"]),
        excerpt: z.string(),
      }),
    ),
    totalFindings: count,
    totalExamples: count,
  }),
  dependencies: z.object({
    ...common,
    manifests: z.array(z.string()),
    findings: z.array(z.object({ ...place, kind: z.string(), package: z.string(), detail: z.string() })),
    licences: z.record(z.string(), count),
    notes: z.array(z.string()),
  }),
  complexity: z.object({
    ...common,
    functions: z.array(
      z.object({ ...place, name: z.string(), complexity: count, lines: count, test: z.boolean() }),
    ),
    totalFunctions: count,
    median: count,
    failures: z.array(z.object({ ...place, problem: z.string() })),
    others: z.array(z.object({ extension: z.string(), files: count })),
  }),
  documentation: z.object({
    ...common,
    undocumented: z.array(z.object({ ...place, name: z.string(), public: z.boolean() })),
    totalExports: count,
    totalUndocumented: count,
    totalPublic: count,
    publicUndocumented: count,
    readme: z.object({ file: z.string().nullable(), missing: z.array(z.string()) }),
    brokenLinks: z.array(z.object({ ...place, target: z.string() })),
    totalBrokenLinks: count,
  }),
} satisfies Record<Analysis, z.ZodType>;

/** What each analysis answered; one that failed or was not asked has none. */
export type Answers = { readonly [A in Analysis]?: z.infer<(typeof answerSchemas)[A]> };
