/** A text that cannot end the section of this tag which it stands in, nor open another. */
export function contained(text: string, tag: string): string {
  return text.replace(new RegExp(`<(?=[\\s/]*${tag})`, "gi"), "&lt;");
}

/** A text as the value of an attribute, between double quotes. */
export function escapeAttribute(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
  };
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character).replace(/\s+/g, " ");
}
