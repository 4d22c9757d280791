import type { Answers } from "./answers.js";
import type { Draft } from "./types.js";

type Answer = NonNullable<Answers["documentation"]>;

/** How many names and links are told one by one. */
const SHOWN = 8;
/** A whole program need not be documented; one of which most is not is worth a word. */
const MOST_UNDOCUMENTED = 0.8;
const LEAST_EXPORTS = 20;

export function draftDocumentation(answer: Answer): readonly Draft[] {
  return [...readme(answer), ...links(answer), ...names(answer)];
}

function readme({ path, readme: { file, missing } }: Answer): readonly Draft[] {
  if (path !== ".") return [];
  if (file === null) {
    return [
      {
        ...draft("README.md", 1, "There is no README", "none at the top of the folder"),
        severity: "medium",
        recommendation:
          "Write one: what this is for, how it is installed, one example that runs, the licence.",
        action: { title: "Write a README", effort: "medium" },
      },
    ];
  }
  if (missing.length === 0) return [];
  return [
    {
      ...draft(file, 1, `The README lacks ${missing.join(", ")}`, `nothing found on ${missing.join(", ")}`),
      recommendation: "Add what is missing: it is what a reader looks for first.",
      action: { title: `Add ${missing.join(", ")} to the README`, effort: "small" },
    },
  ];
}

function links({ brokenLinks, totalBrokenLinks }: Answer): readonly Draft[] {
  const byFile = new Map<string, Answer["brokenLinks"]>();
  for (const link of brokenLinks) byFile.set(link.file, [...(byFile.get(link.file) ?? []), link]);
  return [...byFile].slice(0, SHOWN).map(([file, list]): Draft => {
    const [first] = list;
    const shown = list.slice(0, SHOWN).map(({ line, target }) => `line ${line}: ${target}`);
    const cut = totalBrokenLinks > brokenLinks.length ? " (not all are listed)" : "";
    return {
      ...draft(
        file,
        first?.line ?? 1,
        list.length === 1 ? "A link leads nowhere" : `${list.length} links lead nowhere`,
        shown.join("; ") + cut,
      ),
      severity: /^readme\b/i.test(file) ? "medium" : "low",
      recommendation: "Lead each link to where the file is now, or take it out.",
      action: { title: `Mend the links of ${file}`, effort: "small" },
    };
  });
}

function names(answer: Answer): readonly Draft[] {
  const { undocumented, totalPublic, publicUndocumented, totalExports, totalUndocumented } = answer;
  const isPublic = totalPublic > 0;
  const [open, all] = isPublic ? [publicUndocumented, totalPublic] : [totalUndocumented, totalExports];
  const listed = undocumented.filter((name) => name.public === isPublic);
  const [first] = listed;
  if (open === 0 || first === undefined) return [];
  if (!isPublic && (all < LEAST_EXPORTS || open < all * MOST_UNDOCUMENTED)) return [];
  const shown = listed.slice(0, SHOWN).map(({ name, file, line }) => `\`${name}\` (${file}:${line})`);
  const which = isPublic ? "public names" : "exported names";
  return [
    {
      ...draft(
        first.file,
        first.line,
        `${open} of ${all} ${which} have no docstring`,
        shown.join(", ") + (open > shown.length ? ", …" : ""),
      ),
      recommendation:
        "Say of each what it is for, and what its signature does not: units, limits, what it throws. An editor shows it where the name is used.",
      action: { title: `Describe the ${which}`, effort: open > 40 ? "large" : "medium" },
    },
  ];
}

function draft(file: string, line: number, title: string, evidence: string) {
  return { severity: "low", kind: "documentation", file, line, title, evidence, quotable: false } as const;
}
