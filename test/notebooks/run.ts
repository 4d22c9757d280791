import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { check, update } from "./check.js";
import { missing } from "./kernel.js";

const folder = fileURLToPath(new URL("../../notebooks", import.meta.url));
const USAGE = `Usage: npm run notebooks [-- [--check | --fresh] [NAME]...]

Executes the notebooks of notebooks/, or those whose names begin with NAME, and writes their outputs into them.
An output that says the same as before is left as it is; with --fresh all are written anew, after pictures got another look.
With --check nothing is written: fails where the outputs in the files are not those of the run.
`;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values, positionals } = readArguments();
  if (values.help) return tell(USAGE, 0);
  const lacks = missing();
  if (lacks !== undefined) return tell(lacks, 1);
  const names = (await readdir(folder)).filter((name) => name.endsWith(".ipynb")).sort();
  const unknown = positionals.find((start) => !names.some((name) => name.startsWith(start)));
  if (unknown !== undefined)
    return tell(`No notebook begins with '${unknown}'; there are ${names.join(", ")}`, 1);
  const wanted = names.filter(
    (name) => positionals.length === 0 || positionals.some((start) => name.startsWith(start)),
  );
  let passed = 0;
  // One after another: the pictures show times, and two notebooks at once would make each other slow.
  for (const name of wanted) if (await runOne(name, values)) passed++;
  return tell(`${passed} of ${wanted.length} notebooks are in order`, passed === wanted.length ? 0 : 1);
}

async function runOne(
  name: string,
  flags: { readonly check: boolean; readonly fresh: boolean },
): Promise<boolean> {
  const file = join(folder, name);
  const startedAt = performance.now();
  const work = flags.check ? check(file) : update(file, { keeps: !flags.fresh });
  const faults = await work.catch((error: Error) => [error.message]);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  tell([`${faults.length === 0 ? "✓" : "✗"} ${name}  ${seconds} s`, ...faults].join("\n  "));
  return faults.length === 0;
}

function readArguments() {
  const options = {
    check: { type: "boolean", default: false },
    fresh: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  } as const;
  return parseArgs({ options, allowPositionals: true });
}

function tell(text: string, code = 0): number {
  process.stderr.write(`${text}\n`);
  return code;
}
