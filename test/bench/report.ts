import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import type { Measured } from "./benchmark.js";
import { root } from "./paths.js";

const PACKAGES = [
  "@modelcontextprotocol/client",
  "@modelcontextprotocol/server",
  "@modelcontextprotocol/sdk",
  "@langchain/mcp-adapters",
  "@langchain/core",
  "@langchain/langgraph",
  "langchain",
];

/** What is printed as one line on stdout, and kept by `--record`. */
export interface Report {
  readonly name: string;
  readonly figures: Readonly<Record<string, number>>;
  readonly runs: number;
  readonly spread: Readonly<Record<string, readonly number[]>>;
  readonly versions: Readonly<Record<string, string>>;
  readonly machine: Readonly<Record<string, unknown>>;
}

export function report(name: string, { figures, runs }: Measured): Report {
  const entries = Object.entries(figures);
  return {
    name,
    figures: Object.fromEntries(entries.map(([key, { value }]) => [key, round(value)])),
    runs,
    spread: Object.fromEntries(entries.map(([key, { spread }]) => [key, spread.map(round)])),
    versions: versions(),
    machine: machine(),
  };
}

/** Writes a report of `--size full` to `figures/NAME.json`: what the documentation quotes. */
export function record({ name, ...rest }: Report): void {
  const recordedAt = new Date().toISOString().slice(0, 10);
  const text = JSON.stringify({ name, size: "full", recordedAt, ...rest }, undefined, 2);
  writeFileSync(new URL(`test/bench/figures/${name}.json`, root), `${text}\n`);
}

export function machine(): Record<string, unknown> {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryGb: round(totalmem() / 1024 ** 3),
    platform: `${process.platform} ${process.arch}`,
    load: loadavg().map(round),
  };
}

function versions(): Record<string, string> {
  const read = (path: string): string => {
    return (JSON.parse(readFileSync(new URL(path, root), "utf8")) as { version: string }).version;
  };
  const installed = PACKAGES.map((name) => [name, read(`node_modules/${name}/package.json`)] as const);
  return {
    node: process.versions.node,
    langbaton: read("package.json"),
    ...Object.fromEntries(installed),
  };
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
