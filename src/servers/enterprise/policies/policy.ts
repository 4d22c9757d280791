export const POLICY_CATEGORIES = [
  "workplace",
  "people",
  "finance",
  "security",
  "engineering",
  "legal",
  "operations",
] as const;

/** One document of the knowledge base. */
export interface Policy {
  /** Kebab-case; part of the resource URI `policy://{id}`. */
  readonly id: string;
  readonly title: string;
  readonly category: (typeof POLICY_CATEGORIES)[number];
  /** The department that answers for it. */
  readonly owner: string;
  /** `YYYY-MM-DD`. */
  readonly updated: string;
  /** Markdown: `## ` headings, each followed by paragraphs. */
  readonly body: string;
}
