const IGNORED = ["node_modules", ".env", ".langbaton", ".langgraph_api"];

/** A `.gitignore` with all that a project should keep to itself, and what of it was missing. */
export function completeIgnored(text = ""): { readonly text: string; readonly added: readonly string[] } {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const known = new Set(lines.map((line) => line.trim().replace(/^\/|\/$/g, "")));
  const added = IGNORED.filter((name) => !known.has(name));
  if (added.length === 0) return { text, added };
  const end = /\r\n/.test(text) && !/[^\r]\n/.test(text) ? "\r\n" : "\n";
  const start = text === "" || text.endsWith("\n") ? text : text + end;
  return { text: start + added.map((name) => name + end).join(""), added };
}
