import { type Collected, type Path, quote } from "./findings.js";

const longest = 64;

/**
 * Checks the names of the servers. Letters, digits, spaces and `_ - / @ :` are what hosts write in the wild; a
 * dot is a fault, as patterns such as `files.read_*` divide server and tool by it, and so are the characters
 * that mean something in such a pattern.
 */
export function checkNames(root: Path, names: readonly string[], findings: Collected): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const path = [...root, name];
    const { fault } = findings.within(path, name);
    const earlier = seen.get(name.toLowerCase());
    if (earlier !== undefined) {
      fault([], `differs from ${quote(earlier)} only in case`, "Rename one of the two");
    }
    seen.set(name.toLowerCase(), name);
    if (name === "") fault([], "has an empty name", "Name the server after what it does");
    else if (name in {} || name === "prototype") {
      fault([], "has a name that JavaScript keeps for itself", "Rename the server");
    } else if (name.length > longest) {
      fault([], `has a name of more than ${longest} characters`, "Shorten it");
    } else if (name.includes(".")) {
      fault(
        [],
        "has a dot in its name, which divides server and tool",
        `Rename it ${quote(name.replaceAll(".", "-"))}`,
      );
    } else if (!/^[A-Za-z0-9_@/:-]([A-Za-z0-9 _@/:-]*[A-Za-z0-9_@/:-])?$/.test(name)) {
      const problem = "has a name with other characters than letters, digits, _ - / @ : and spaces inside";
      fault([], problem, "Rename the server");
    }
  }
}
