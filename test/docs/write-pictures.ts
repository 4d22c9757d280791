import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../support/child.js";
import { examplePictures } from "./example-pictures.js";

for (const [name, { svg }] of await examplePictures())
  await writeFile(join(root, "docs/pictures", `${name}.svg`), `${svg}\n`);
