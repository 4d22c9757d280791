const IGNORED = ["node_modules", ".env", ".langbaton", ".langgraph_api"];

/** A `.gitignore` with all that a project should keep to itself, and what of it was missing. */
export function completeIgnored(text = ""): { readonly text: string; readonly added: readonly string[] } {
  const lines = text.split(/\r?\n/);
  const known = new Set(lines.map((line) => line.trim().replace(/^\/|\/$/g, "")));
  const added = IGNORED.filter((name) => !known.has(name));
  const start = text === "" || text.endsWith("\n") ? text : `${text}\n`;
  return { text: start + added.map((name) => `${name}\n`).join(""), added };
}
