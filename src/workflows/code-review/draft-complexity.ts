import type { Answers } from "./answers.js";
import type { Draft, Severity } from "./types.js";

/** McCabe's own limit is 10; what is named here is well beyond it, so that a list of it can be worked off. */
const LEAST = 20;
const MEDIUM = 30;
const HIGH = 60;

export function draftComplexity({
  functions,
  failures,
}: NonNullable<Answers["complexity"]>): readonly Draft[] {
  const complex = functions.filter(({ complexity, test }) => !test && complexity >= LEAST);
  return [
    ...failures.map(
      ({ file, line, problem }): Draft => ({
        severity: "medium",
        kind: "syntax",
        file,
        line,
        title: "The file does not parse",
        evidence: problem,
        recommendation:
          "Mend the syntax, or leave the file out of the repository if it is not meant to be code.",
        action: { title: "Mend the syntax", effort: "small" },
        quotable: true,
      }),
    ),
    ...complex.map(({ file, line, name, complexity, lines }): Draft => {
      const subject = name === "anonymous" ? "A function" : `\`${name}\``;
      return {
        severity: severityOf(complexity),
        kind: "complexity",
        file,
        line,
        title: `${subject} has a complexity of ${complexity}`,
        evidence: `${complexity - 1} branches in ${lines} lines`,
        recommendation:
          "Take groups of its branches out into functions with names and tests of their own, or replace them by a table: as it is, a change has to be thought through along every branch.",
        action: {
          title: `Split ${subject === "A function" ? "the function" : subject}`,
          effort: complexity >= MEDIUM ? "large" : "medium",
        },
        quotable: true,
      };
    }),
  ];
}

function severityOf(complexity: number): Severity {
  if (complexity >= HIGH) return "high";
  return complexity >= MEDIUM ? "medium" : "low";
}
