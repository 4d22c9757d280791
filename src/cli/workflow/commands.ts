import { type RunsOptions, THREADS } from "./runs.js";

/** A command line that can be pasted, with the places that this one was given. Not its inputs: they may be secret. */
export function commandLine(words: readonly string[], { config, threads }: Partial<RunsOptions>): string {
  const given = [
    ...(config === undefined ? [] : ["--config", config]),
    ...(threads === undefined || threads === THREADS ? [] : ["--threads", threads]),
  ];
  return ["langbaton", ...words, ...given].map(quoted).join(" ");
}

export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
