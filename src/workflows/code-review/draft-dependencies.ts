import type { Answers } from "./answers.js";
import type { Draft, Severity } from "./types.js";

type Answer = NonNullable<Answers["dependencies"]>;
type Found = Answer["findings"][number];

interface Advice {
  readonly severity: Severity;
  readonly title: (found: Found) => string;
  readonly recommendation: string;
  readonly action: (found: Found) => string;
}

const ADVICE: Readonly<Record<string, Advice>> = {
  undeclared: {
    severity: "high",
    title: ({ package: name }) => `\`${name}\` is imported and not declared`,
    recommendation:
      "Declare it: that it is found is luck, as another package happens to bring it, and ends with that one's next version.",
    action: ({ package: name }) => `Declare \`${name}\``,
  },
  "no-lock": {
    severity: "medium",
    title: () => "There is no lock file",
    recommendation: "Commit one, so that what was tested is what is installed.",
    action: () => "Commit a lock file",
  },
  unpinned: {
    severity: "medium",
    title: ({ package: name }) => `\`${name}\` is not pinned`,
    recommendation: "Give a range that ends before the next major version, or a commit.",
    action: ({ package: name }) => `Pin \`${name}\``,
  },
  licence: {
    severity: "medium",
    title: ({ package: name, detail }) => `\`${name}\` ${detail}`,
    recommendation: "Have somebody decide whether its terms fit how this is distributed, or replace it.",
    action: ({ package: name }) => `Clear the licence of \`${name}\``,
  },
  unreadable: {
    severity: "medium",
    title: ({ package: name }) => `${name} cannot be read`,
    recommendation: "Mend it: npm cannot read it either.",
    action: ({ package: name }) => `Mend ${name}`,
  },
};
/** Each is a trifle, and all of them are one. */
const GROUPS: Readonly<
  Record<string, { readonly says: string; readonly recommendation: string; readonly action: string }>
> = {
  unused: {
    says: "declared and not used",
    recommendation: "Remove what nothing needs: each package is one more to update and to trust.",
    action: "Remove unused dependencies",
  },
  duplicate: {
    says: "installed in several versions",
    recommendation: "Run `npm dedupe`, or bring the ranges together, where the versions should be one.",
    action: "Bring the versions together",
  },
};

export function draftDependencies({ findings }: Answer): readonly Draft[] {
  const single = findings.flatMap((found): readonly Draft[] => {
    const advice = ADVICE[found.kind];
    if (advice === undefined) return [];
    const isOfTests =
      found.kind === "undeclared" &&
      /(?:^|\/)(?:tests?|examples?|docs?|bench\w*)\/|\.(?:test|spec)\./.test(found.file);
    return [
      {
        severity: isOfTests ? "low" : advice.severity,
        kind: "dependency",
        file: found.file,
        line: found.line,
        title: advice.title(found),
        evidence:
          found.kind === "undeclared" || found.kind === "licence"
            ? `${found.package} ${found.detail}`
            : found.detail,
        recommendation: advice.recommendation,
        action: { title: advice.action(found), effort: "small" },
        quotable: found.kind === "undeclared" || found.kind === "unpinned",
      },
    ];
  });
  const grouped = Object.entries(GROUPS).flatMap(
    ([kind, { says, recommendation, action }]): readonly Draft[] => {
      const [first, ...others] = findings.filter((found) => found.kind === kind);
      if (first === undefined) return [];
      const all = [first, ...others];
      const title =
        others.length === 0 ? `\`${first.package}\` is ${says}` : `${all.length} packages are ${says}`;
      return [
        {
          severity: "low",
          kind: "dependency",
          file: first.file,
          line: first.line,
          title,
          evidence: all
            .map((found) => `${found.package} (${found.file}:${found.line}) ${found.detail}`)
            .join("; "),
          recommendation,
          action: { title: action, effort: "small" },
          quotable: false,
        },
      ];
    },
  );
  return [...single, ...grouped];
}
