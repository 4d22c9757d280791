export interface Sample {
  /** As {@link toLabels} writes them: once for all samples that share them. */
  readonly labels: string;
  readonly value: number;
  /** What a histogram's parts end in. */
  readonly suffix?: "_bucket" | "_sum" | "_count";
}

/** One metric: all samples of one name. */
export interface Family {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** Metrics in Prometheus' text format 0.0.4. A metric without samples is left out. */
export function prometheusText(families: readonly Family[]): string {
  const lines = families.flatMap(({ name, type, help, samples }) => {
    if (samples.length === 0) return [];
    const head = [`# HELP ${name} ${escapeText(help)}`, `# TYPE ${name} ${type}`];
    return [...head, ...samples.map((sample) => toLine(name, sample))];
  });
  return lines.map((line) => `${line}\n`).join("");
}

function toLine(name: string, { labels, value, suffix }: Sample): string {
  return `${name}${suffix ?? ""}{${labels}} ${value}`;
}

/** Labels from attributes: any value is fine, a name has letters, digits, dots and underscores. */
export function toLabels(attributes: Readonly<Record<string, string>>): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${withUnderscores(name)}="${escapeText(value).replaceAll('"', '\\"')}"`)
    .join(",");
}

/** OpenTelemetry's form of a name as Prometheus has it: underscores for dots, the unit and `total` at the end. */
export function toPrometheusName(name: string, unit: string, type: Family["type"]): string {
  return withUnderscores(name) + (unit === "s" ? "_seconds" : "") + (type === "counter" ? "_total" : "");
}

function withUnderscores(name: string): string {
  return name.replaceAll(".", "_");
}

function escapeText(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}
