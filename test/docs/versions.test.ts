import { expect, test } from "vitest";
import { lineAt, pages } from "../support/docs.js";
import { manifest } from "../support/docs-entries.js";

/** Exact versions, as package.json pins what is installed here. */
const installed: Readonly<Record<string, string>> = {
  ...manifest.dependencies,
  ...manifest.devDependencies,
  [manifest.name]: manifest.version,
};

/** Pages that say which Node this package needs; others tell of other programs. */
const REQUIRING = ["README.md", "AGENTS.md", "CONTRIBUTING.md", "docs/llms.txt"];

test("the Node that a page asks for is that of `engines`", () => {
  const needed = manifest.engines.node.replace(">=", "");
  const told = REQUIRING.flatMap((page) => found(page, /\bNode (\d+\.\d+)/g));
  expect(told.length).toBeGreaterThan(2);
  expect(told.filter(({ match }) => match[1] !== needed).map(({ place }) => place)).toEqual([]);
});

test("`package@version` in a page is the version of package.json, or begins it", () => {
  const told = [...pages.keys()].flatMap((page) =>
    found(page, /((?:@[\w-]+\/)?[a-z][\w-]*)@(\d[\d.]*\d|\d)/g),
  );
  const ours = told.filter(({ match }) => (match[1] ?? "") in installed);
  expect(ours.length).toBeGreaterThan(5);
  const wrong = ours.filter(({ match }) => !`${installed[match[1] ?? ""]}.`.startsWith(`${match[2]}.`));
  expect(wrong.map(({ place, match }) => `${place}: ${match[0]}`)).toEqual([]);
});

test("the file that `npm pack` writes is called so", () => {
  const told = [...pages.keys()].flatMap((page) => found(page, /\blangbaton-(\d[\w.-]*)\.tgz/g));
  expect(told.length).toBeGreaterThan(0);
  expect(told.filter(({ match }) => match[1] !== manifest.version).map(({ place }) => place)).toEqual([]);
});

function found(page: string, pattern: RegExp): { readonly place: string; readonly match: RegExpExecArray }[] {
  const text = pages.get(page) ?? "";
  return [...text.matchAll(pattern)].map((match) => ({
    place: `${page}:${lineAt(text, match.index)}`,
    match,
  }));
}
