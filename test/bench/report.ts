import { readFileSync } from "node:fs";
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

/** The one line on stdout. */
export function report(name: string, { figures, runs }: Measured): string {
  const entries = Object.entries(figures);
  return JSON.stringify({
    name,
    figures: Object.fromEntries(entries.map(([key, { value }]) => [key, round(value)])),
    runs,
    spread: Object.fromEntries(entries.map(([key, { spread }]) => [key, spread.map(round)])),
    versions: versions(),
    machine: machine(),
  });
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
