import { join } from "node:path";
import { root } from "../support/child.js";
import { writeReference } from "../support/docs-reference.js";

await writeReference(join(root, "docs/reference"));
