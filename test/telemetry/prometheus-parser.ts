export interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ParsedFamily {
  readonly type: string;
  readonly help: string;
  readonly samples: readonly ParsedSample[];
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\", n: "\n", '"': '"' };

/** Reads Prometheus' text format 0.0.4, character by character and by its specification; throws at what breaks it. */
export function parsePrometheus(text: string): ReadonlyMap<string, ParsedFamily> {
  const families = new Map<string, { type: string; help: string; samples: ParsedSample[] }>();
  const seen = new Set<string>();
  if (text !== "" && !text.endsWith("\n")) throw new Error("the last line has no end");
  let current = "";
  for (const line of text.split("\n").slice(0, -1)) {
    const head = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.*)$/.exec(line);
    if (head) {
      const [, kind, name = "", rest = ""] = head;
      const family = families.get(name) ?? { type: "", help: "", samples: [] };
      if (kind === "HELP") family.help = readEscapes(rest);
      else if (family.type !== "" || family.samples.length > 0) throw new Error(`a second TYPE of ${name}`);
      else if (!/^(counter|gauge|histogram)$/.test(rest)) throw new Error(`the type '${rest}'`);
      else family.type = rest;
      families.set(name, family);
      current = name;
      continue;
    }
    const sample = parseSample(line);
    const base = sample.name.replace(/_(bucket|sum|count)$/, "");
    const family = families.get(current);
    if (
      family === undefined ||
      (sample.name !== current && !(family.type === "histogram" && base === current))
    )
      throw new Error(`${sample.name} stands under ${current}`);
    const key = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
    if (seen.has(key)) throw new Error(`twice: ${key}`);
    seen.add(key);
    family.samples.push(sample);
  }
  return families;
}

function parseSample(line: string): ParsedSample {
  const name = /^[a-zA-Z_:][\w:]*/.exec(line)?.[0];
  if (name === undefined) throw new Error(`no name: ${line}`);
  const labels: Record<string, string> = {};
  let at = name.length;
  if (line[at] === "{") {
    at++;
    while (line[at] !== "}") {
      const label = /^[a-zA-Z_]\w*/.exec(line.slice(at))?.[0];
      if (label === undefined) throw new Error(`no label at ${at}: ${line}`);
      at += label.length;
      if (line.slice(at, at + 2) !== '="') throw new Error(`no value at ${at}: ${line}`);
      at += 2;
      let value = "";
      for (; line[at] !== '"'; at++) {
        if (at >= line.length) throw new Error(`a value without end: ${line}`);
        value += line[at] === "\\" ? readEscapes(line.slice(at, ++at + 1)) : line[at];
      }
      if (label in labels) throw new Error(`the label '${label}' twice`);
      labels[label] = value;
      at++;
      if (line[at] === ",") at++;
    }
    at++;
  }
  const number = /^ (\S+)$/.exec(line.slice(at))?.[1];
  if (number === undefined) throw new Error(`no number: ${line}`);
  return { name, labels, value: number === "+Inf" ? Number.POSITIVE_INFINITY : Number(number) };
}

function readEscapes(text: string): string {
  return text.replace(/\\(.)/g, (_, character: string) => {
    const meant = ESCAPES[character];
    if (meant === undefined) throw new Error(`an unknown escape: \\${character}`);
    return meant;
  });
}
