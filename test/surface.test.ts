import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";
import { VERSION } from "../src/core/version.js";

const root = new URL("../", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL("package.json", root), "utf8")) as {
  version: string;
  exports: Record<string, { types: string; default: string } | string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};

const entries = Object.entries(manifest.exports).flatMap(([path, target]) =>
  typeof target === "string"
    ? []
    : [{ path, ...target, source: target.default.replace("./dist/", "src/").replace(/\.js$/, ".ts") }],
);

test("the surface is what was agreed: change the snapshot on purpose or not at all", async () => {
  const text = entries
    .map(
      ({ path, source }) =>
        `${path}\n${exportsOf(source)
          .map((each) => `  ${each}\n`)
          .join("")}`,
    )
    .join("\n");
  await expect(text).toMatchFileSnapshot("./surface.txt");
});

test.each(entries)("$path has its source and its declarations", ({ source, types, default: file }) => {
  expect(existsSync(new URL(source, root)), source).toBe(true);
  expect(types).toBe(file.replace(/\.js$/, ".d.ts"));
});

test("the version in the code is the package's", () => {
  expect(VERSION).toBe(manifest.version);
});

test("every dependency is pinned exactly", () => {
  const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

/** Names that a file exports, with what each is; types carry the word. */
function exportsOf(source: string): string[] {
  const file = ts.createSourceFile(
    source,
    readFileSync(fileURLToPath(new URL(source, root)), "utf8"),
    ts.ScriptTarget.ES2023,
    true,
  );
  const names: string[] = [];
  for (const node of file.statements) {
    if (ts.isExportDeclaration(node) && node.exportClause && ts.isNamedExports(node.exportClause)) {
      for (const each of node.exportClause.elements)
        names.push(label(each.name.text, node.isTypeOnly || each.isTypeOnly));
    } else if (
      ts.canHaveModifiers(node) &&
      ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
    ) {
      const isType = ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);
      if (ts.isVariableStatement(node)) {
        for (const { name } of node.declarationList.declarations)
          names.push(label(name.getText(file), false));
      } else if ((ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node) || isType) && node.name) {
        names.push(label(node.name.text, isType));
      }
    }
  }
  return names.sort();
}

function label(name: string, isType: boolean): string {
  return isType ? `${name} (type)` : name;
}
