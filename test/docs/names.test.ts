import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../support/child.js";
import { codeIn, fences, pages, prose } from "../support/docs.js";
import { entries } from "../support/docs-entries.js";
import { knownNames } from "../support/docs-types.js";

/** Names that pages give of other packages, and of methods that a reader writes. */
const OF_OTHERS = ["createClient", "authenticate", "compile", "setGlobalPropagator"];
const helpers = sourcesOf(["notebooks"], ".ts");
const source = sourcesOf(["src", "graphs", "test", ".ci", "package.json"]);
const capitals = new Set(source.match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*\b/g));

describe.each([...prose])("%s", (page, text) => {
  const words = codeIn(text);
  const wrong = (isWrong: (code: string) => boolean): string[] =>
    words.filter(({ code }) => isWrong(code)).map(({ code, line }) => `${page}:${line}: ${code}`);

  test("names modules that package.json exports", () => {
    const known = new Set(entries.map(({ specifier }) => specifier));
    expect(wrong((code) => /^langbaton\/[\w/-]+$/.test(code) && !known.has(code))).toEqual([]);
  });

  test("names files that exist", () => {
    const file = /^(?:\.\.\/)*(?:src|docs|graphs|notebooks|test|dist|\.ci)\/[\w./-]+$/;
    expect(
      wrong(
        (code) =>
          file.test(code) &&
          !/\bNAME\b/.test(code) &&
          !existsSync(join(root, code.replace(/^(\.\.\/)+/, ""))),
      ),
    ).toEqual([]);
  });

  test("names codes and environment variables that the program knows", () => {
    expect(wrong((code) => /^[A-Z][A-Z0-9_]{2,}$/.test(code) && !capitals.has(code))).toEqual([]);
  });

  test("has no place that is still to be filled in", () => {
    expect((pages.get(page) ?? "").match(/@@.*@@|\b(?:TODO|TBD|FIXME)\b/g)).toBe(null);
  });
});

test("every function that a page names, as in `retry()`, is ours, or stands in one of its programs", () => {
  const ours = knownNames();
  expect(ours.size).toBeGreaterThan(500);
  const wrong = [...prose].flatMap(([page, text]) => {
    const programs = [...fences.filter((fence) => fence.page === page).map(({ code }) => code), helpers].join(
      "\n",
    );
    return codeIn(text).flatMap(({ code, line }) => {
      const name = /^(?:await |new )?(?:[\w.]+\.)?(\w+)\(/.exec(code)?.[1];
      const isKnown =
        name === undefined ||
        ours.has(name) ||
        OF_OTHERS.includes(name) ||
        new RegExp(`\\b${name}\\b`).test(programs);
      return isKnown ? [] : [`${page}:${line}: ${code}`];
    });
  });
  expect(wrong).toEqual([]);
});

test("no page speaks of the machine that it was written on", () => {
  const machine = /\/(?:home|work|tmp|Users)\/\w+/;
  expect([...pages].filter(([, text]) => machine.test(text)).map(([page]) => page)).toEqual([]);
});

/** The text of all files below these paths, or of those that end so. */
function sourcesOf(paths: readonly string[], ending = ""): string {
  return paths
    .flatMap((path) => {
      if (statSync(join(root, path)).isFile()) return [path];
      return readdirSync(join(root, path), { recursive: true, encoding: "utf8", withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
        .map((entry) => join(entry.parentPath, entry.name).slice(root.length));
    })
    .map((file) => readFileSync(join(root, file), "utf8"))
    .join("\n");
}
