import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./child.js";

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly engines: Readonly<Record<"node", string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
}

export interface Entry {
  /** What a program imports: `langbaton/agents/react`. */
  readonly specifier: string;
  /** The file that it is compiled from, in this repository: `src/agents/react.ts`. */
  readonly source: string;
}

export const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;

/** What package.json exports as code, in its order. */
export const entries: readonly Entry[] = Object.entries(manifest.exports).flatMap(([path, target]) =>
  typeof target === "string"
    ? []
    : [
        {
          specifier: path.replace(/^\./, manifest.name),
          source: target.default.replace("./dist/", "src/").replace(/\.js$/, ".ts"),
        },
      ],
);
