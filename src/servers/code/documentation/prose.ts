/** A Markdown text with spaces in place of code, comments and escaped signs: each place stays where it is. */
export function proseOf(text: string): string {
  return withoutComments(withoutBlocks(text)).split("\n").map(withoutSpans).join("\n");
}

const FENCE = /^[ \t>]{0,40}(?:(?:[-*+]|\d{1,9}[.)])[ \t]{1,4})?[ \t]{0,8}(`{3,60}|~{3,60})/;
const LIST_ITEM = /^[ \t]{0,8}(?:[-*+]|\d{1,9}[.)])[ \t]/;
const INDENTED = /^(?: {4}|\t)/;

function withoutBlocks(text: string): string {
  let fence: string | undefined;
  let wasBlank = true;
  let wasCode = false;
  let isInList = false;
  const kept = text.split("\n").map((line) => {
    const mark = FENCE.exec(line.slice(0, 120))?.[1];
    if (fence !== undefined) {
      if (mark?.startsWith(fence) && /^[`~\s]*$/.test(line.slice(line.indexOf(mark)))) fence = undefined;
      return "";
    }
    // Three of them and another one on the same line are a piece of code within a sentence.
    if (
      mark !== undefined &&
      !(mark.startsWith("`") && line.slice(line.indexOf(mark) + mark.length).includes("`"))
    ) {
      fence = mark;
      wasBlank = true;
      return "";
    }
    const isBlank = line.trim() === "";
    if (LIST_ITEM.test(line)) isInList = true;
    else if (wasBlank && /^\S/.test(line)) isInList = false;
    const isCode = !isBlank && !isInList && INDENTED.test(line) && (wasBlank || wasCode);
    if (!isBlank) wasCode = isCode;
    wasBlank = isBlank;
    return isCode ? "" : line;
  });
  // Where a line was taken out, its length does not matter: a link tells its line.
  return kept.join("\n");
}

function withoutComments(text: string): string {
  let kept = "";
  let at = 0;
  for (let start = text.indexOf("<!--"); start !== -1; start = text.indexOf("<!--", at)) {
    const end = text.indexOf("-->", start + 4);
    if (end === -1) break;
    kept += text.slice(at, start) + text.slice(start, end).replace(/[^\n]+/g, "");
    at = end + 3;
  }
  return kept + text.slice(at);
}

/** Without pieces of code between as many backticks, and without what a backslash takes the meaning from. */
function withoutSpans(line: string): string {
  const runs = [...line.matchAll(/`+/g)].map(({ 0: { length }, index }) => ({ index, length }));
  // Of each run, the next one of its length.
  const closing = new Map<number, number>();
  const next = new Map<number, number>();
  for (let run = runs.length - 1; run >= 0; run--) {
    const { length = 0 } = runs[run] ?? {};
    const found = next.get(length);
    if (found !== undefined) closing.set(run, found);
    next.set(length, run);
  }
  let kept = "";
  let at = 0;
  for (let run = 0; run < runs.length; run++) {
    const end = closing.get(run);
    const { index = 0 } = runs[run] ?? {};
    if (end === undefined || line[index - 1] === "\\") continue;
    kept += line.slice(at, index);
    at = (runs[end]?.index ?? 0) + (runs[end]?.length ?? 0);
    run = end;
  }
  return (kept + line.slice(at)).replace(/\\[[\]!]/g, "");
}
