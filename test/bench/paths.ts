import { fileURLToPath } from "node:url";

/** The repository, as a URL that ends with a slash. */
export const root = new URL("../../", import.meta.url);

/** The path of a file in `fixtures/`. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
}
