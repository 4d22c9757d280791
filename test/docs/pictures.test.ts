import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../support/child.js";
import { examplePictures } from "./example-pictures.js";

const pictures = await examplePictures();
const page = readFileSync(join(root, "docs/pictures.md"), "utf8");

describe.each([...pictures])("docs/pictures/%s.svg", (name, { svg, text }) => {
  test("is what the function draws: if not, run `npx tsx test/docs/write-pictures.ts` and look at it", () => {
    expect(readFileSync(join(root, `docs/pictures/${name}.svg`), "utf8")).toBe(`${svg}\n`);
  });

  test("is shown in docs/pictures.md, with words for who cannot see it and with its text form", () => {
    expect(page).toMatch(new RegExp(`^!\\[[^\\]]{40,}\\]\\(pictures/${name}\\.svg\\)$`, "m"));
    expect(page).toContain(`\`\`\`text\n${text}\n\`\`\``);
  });
});
