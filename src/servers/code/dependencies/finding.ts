export interface DependencyFinding {
  readonly kind: "no-lock" | "unpinned" | "undeclared" | "unused" | "duplicate" | "licence" | "unreadable";
  readonly package: string;
  readonly file: string;
  readonly line: number;
  readonly detail: string;
}
