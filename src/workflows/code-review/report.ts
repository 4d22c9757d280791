import type { Answers } from "./answers.js";
import type { Request } from "./request.js";
import { type Action, ANALYSES, type Finding, SEVERITIES, type Severity } from "./types.js";

export interface Reported {
  readonly request: Request;
  readonly answers: Answers;
  readonly findings: readonly Finding[];
  readonly leftOut: number;
  readonly actions: readonly Action[];
  readonly notes: readonly string[];
}

const HEADINGS: Readonly<Record<Severity, string>> = {
  critical: "Critical",
  high: "High",
  medium: "Medium",
  low: "Low",
};
const EFFORTS: Readonly<Record<Action["effort"], string>> = {
  small: "minutes",
  medium: "an hour or two",
  large: "a day or more",
};
const SKIPPED: Readonly<Record<string, string>> = {
  links: "symbolic links",
  tooLarge: "files over 512 KiB",
  binary: "binary files",
  unreadable: "files that could not be read",
  overLimit: "files beyond the limit of one review",
  repositories: "nested repositories",
  badNames: "files with names that are not UTF-8",
};

/** The report as Markdown. */
export function renderReport(reported: Reported, summary: string): string {
  const { request, findings, actions, leftOut } = reported;
  return [
    `# Code review of ${code(request.path)}`,
    summary,
    ...numbers(reported),
    "## Findings",
    ...(findings.length === 0 ? ["None."] : bySeverity(findings)),
    ...(leftOut === 0
      ? []
      : [`${leftOut} more of lesser weight are left out: review a part of it to see them.`]),
    ...(findings.length === 0
      ? []
      : ["## Recommendations", recommendations(findings), "## Action items", actionItems(actions)]),
    "## Not looked at",
    notLookedAt(reported),
  ].join("\n\n");
}

/** Without a model: how much was found, and the first of it. */
export function plainSummary({ request, answers, findings }: Reported): string {
  const looked = inPath(answers);
  const files = Math.max(0, ...looked.map((answer) => answer.files));
  const extent =
    looked.length > 0
      ? counted(files, "file")
      : counted(answers.dependencies?.manifests.length ?? 0, "package.json");
  const where = request.path === "." ? "the whole folder" : code(request.path);
  const scope = `${request.analyses.filter((one) => answers[one]).join(", ")}: ${where}, ${extent}`;
  if (ANALYSES.every((analysis) => answers[analysis] === undefined))
    return "Nothing could be analysed: see below for what each analysis met with.";
  const [first] = findings;
  if (first === undefined) return `Nothing was found that needs work (${scope}).`;
  const counts = SEVERITIES.map((severity) => [
    severity,
    findings.filter((one) => one.severity === severity).length,
  ])
    .filter(([, count]) => count !== 0)
    .map(([severity, count]) => `${count} ${severity}`);
  const start = `${counted(findings.length, "finding")} (${counts.join(", ")}) on ${scope}.`;
  return `${start} The first to look at: ${first.title}, in ${code(`${first.file}:${first.line}`)}.`;
}

/** What looked at the files of the path, and at no others: dependencies go by the imports of the whole folder. */
function inPath({ secrets, complexity, documentation }: Answers) {
  return [secrets, complexity, documentation].filter((answer) => answer !== undefined);
}

function numbers({ answers }: Reported): readonly string[] {
  const { secrets, dependencies, complexity, documentation } = answers;
  const lines = [
    secrets &&
      `- secrets: ${secrets.totalFindings} in ${counted(secrets.files, "file")}${secrets.totalExamples > 0 ? `; ${secrets.totalExamples} that look like one are examples most likely` : ""}`,
    dependencies &&
      `- dependencies: ${counted(dependencies.manifests.length, "package.json")}${licenceWords(dependencies.licences)}`,
    complexity &&
      `- complexity: ${counted(complexity.totalFunctions, "function")}, median ${complexity.median}, worst ${Math.max(0, ...complexity.functions.map((one) => one.complexity))}`,
    documentation &&
      `- documentation: ${documentation.totalExports - documentation.totalUndocumented} of ${counted(documentation.totalExports, "exported name")} described, ${counted(documentation.totalBrokenLinks, "broken link")}`,
  ].filter((line) => line !== undefined);
  return lines.length === 0 ? [] : [lines.join("\n")];
}

function bySeverity(findings: readonly Finding[]): readonly string[] {
  return SEVERITIES.flatMap((severity) => {
    const some = findings.filter((finding) => finding.severity === severity);
    return some.length === 0 ? [] : [`### ${HEADINGS[severity]}`, ...some.map(renderFinding)];
  });
}

function renderFinding({ title, file, line, evidence }: Finding): string {
  const [said = "", ...quoted] = evidence.split("\n");
  const head = `- **${oneLine(title)}**, ${code(`${file}:${line}`)}\n  ${oneLine(said)}`;
  if (quoted.length === 0) return head;
  // A fence longer than any in what is quoted.
  const longest = Math.max(2, ...[...evidence.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${head}\n\n  ${fence}text\n${quoted.map((each) => `  ${each}`).join("\n")}\n  ${fence}`;
}

/** Each said once, with the places that it holds for. */
function recommendations(findings: readonly Finding[]): string {
  const places = new Map<string, string[]>();
  for (const { recommendation, file, line } of findings)
    places.set(recommendation, [...(places.get(recommendation) ?? []), code(`${file}:${line}`)]);
  return [...places].map(([advice, list]) => `- ${advice} (${list.join(", ")})`).join("\n");
}

function actionItems(actions: readonly Action[]): string {
  return actions
    .map(
      ({ title, file, line, effort }) =>
        `- [ ] ${oneLine(title)}, ${code(`${file}:${line}`)} (${EFFORTS[effort]})`,
    )
    .join("\n");
}

function notLookedAt({ request, answers, notes }: Reported): string {
  const unasked = ANALYSES.filter((analysis) => !request.analyses.includes(analysis));
  const skipped = Object.entries(SKIPPED).flatMap(([reason, words]) => {
    const most = Math.max(0, ...inPath(answers).map((answer) => answer.leftOut[reason] ?? 0));
    return most === 0 ? [] : [`${most} ${words}`];
  });
  const others = answers.complexity?.others.filter(({ extension }) => PROGRAMS.has(extension)) ?? [];
  const lines = [
    ...notes,
    ...(unasked.length > 0 ? [`${unasked.join(", ")}: not asked for`] : []),
    ...(answers.dependencies?.notes ?? []),
    ...(skipped.length > 0 ? [skipped.join(", ")] : []),
    ...others.map(
      ({ extension, files }) =>
        `complexity of ${counted(files, `${extension} file`)}: only TypeScript and JavaScript are parsed`,
    ),
    ...(answers.secrets ? ["secrets in past commits: only the files as they are now"] : []),
    ...(answers.dependencies
      ? ["known vulnerabilities of packages: they take the network (`npm audit`)"]
      : []),
    ...(answers.documentation
      ? ["docstrings of what CommonJS modules export: only those of ES modules are measured"]
      : []),
    "what the code does when it runs: nothing was executed",
  ];
  return lines.map((line) => `- ${oneLine(line)}`).join("\n");
}

/** Programming languages that are met often. */
const PROGRAMS = new Set(
  ".c .cc .cpp .cs .dart .ex .go .java .kt .lua .php .pl .py .rb .rs .scala .sh .sql .svelte .swift .vue .zig".split(
    " ",
  ),
);

function licenceWords(licences: Readonly<Record<string, number>>): string {
  const list = Object.entries(licences).sort(([, one], [, other]) => other - one);
  return list.length === 0 ? "" : `; licences: ${list.map(([name, count]) => `${count} ${name}`).join(", ")}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 || noun === "package.json" ? "" : "s"}`;
}

/** A file's name is no Markdown. */
function code(text: string): string {
  return `\`${text.replaceAll("`", "'").replace(/\s/g, " ")}\``;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
