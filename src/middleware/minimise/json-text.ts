import { type Places, stepTo } from "./paths.js";

/** What lies deeper is not looked at, and so goes as a whole. */
export const DEEPEST = 500;
export const UNSEEN = "[masked]";

/** What becomes of texts and numbers. A number stays where the answer is undefined. */
export interface Leaves {
  text(text: string, key: string | undefined): string;
  number(digits: string, key: string | undefined): string | undefined;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * A text that is a JSON object or list without what is to go; undefined when it is no such text. Edited in place, as
 * parsing and writing it anew would change what nobody asked to: its layout, and whole numbers beyond 2^53.
 */
export function cleanJson(text: string, places: Places, leaves: Leaves | undefined): string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  const edits = new Walk(text, leaves).run(places);
  let clean = "";
  let done = 0;
  for (const edit of edits) {
    clean += text.slice(done, edit.start) + edit.text;
    done = edit.end;
  }
  return edits.length === 0 ? text : clean + text.slice(done);
}

const BLANK = /[ \t\n\r]*/y;
const SCALAR = /[^,\]} \t\n\r]+/y;
const NO_BRACKET = /[^[\]{}"]+/y;

/** One way through a text that is known to be JSON. */
class Walk {
  #at = 0;
  readonly #text: string;
  readonly #leaves: Leaves | undefined;
  readonly #edits: Edit[] = [];

  constructor(text: string, leaves: Leaves | undefined) {
    this.#text = text;
    this.#leaves = leaves;
  }

  run(places: Places): readonly Edit[] {
    this.#take(BLANK);
    this.#value(places, undefined, 0);
    return this.#edits;
  }

  #value(places: Places, key: string | undefined, depth: number): void {
    const start = this.#at;
    const leaves = this.#leaves;
    const first = this.#text[start];
    if (first === "{" || first === "[") {
      if (places.length === 0 && leaves === undefined) this.#skip();
      else if (depth < DEEPEST) this.#members(places, key, depth);
      else {
        this.#skip();
        this.#replace(start, UNSEEN);
      }
    } else if (first === '"') {
      const token = this.#string();
      if (leaves === undefined) return;
      const text = JSON.parse(token) as string;
      const clean = leaves.text(text, key);
      if (clean !== text) this.#replace(start, clean);
    } else {
      const token = this.#take(SCALAR);
      const clean = leaves?.number(token, key);
      if (clean !== undefined) this.#replace(start, clean);
    }
  }

  #members(places: Places, key: string | undefined, depth: number): void {
    const isList = this.#text[this.#at] === "[";
    this.#at++;
    this.#take(BLANK);
    /** Where the member before ended, once one of them stays. */
    let keptBefore: number | undefined;
    /** Where members begin that go, as long as none has stayed. */
    let goneFrom: number | undefined;
    for (let index = 0; !/[\]}]/.test(this.#text[this.#at] ?? "]"); index++) {
      const start = this.#at;
      const name = isList ? String(index) : this.#name();
      const next = stepTo(places, name);
      if (next === undefined) {
        this.#skip();
        if (keptBefore === undefined) goneFrom ??= start;
        else this.#edits.push({ start: keptBefore, end: this.#at, text: "" });
      } else {
        // The comma goes with what stood before it.
        if (goneFrom !== undefined) this.#edits.push({ start: goneFrom, end: start, text: "" });
        goneFrom = undefined;
        this.#value(next, isList ? key : name, depth + 1);
      }
      if (next !== undefined || keptBefore !== undefined) keptBefore = this.#at;
      this.#take(BLANK);
      if (this.#text[this.#at] === ",") this.#at++;
      else if (goneFrom !== undefined) this.#edits.push({ start: goneFrom, end: this.#at, text: "" });
      this.#take(BLANK);
    }
    this.#at++;
  }

  #name(): string {
    const name = JSON.parse(this.#string()) as string;
    this.#take(BLANK);
    this.#at++;
    this.#take(BLANK);
    return name;
  }

  /** Past a value, however deep it is. */
  #skip(): void {
    const first = this.#text[this.#at];
    if (first === '"') this.#string();
    else if (first !== "{" && first !== "[") this.#take(SCALAR);
    else {
      let depth = 0;
      do {
        this.#take(NO_BRACKET);
        const found = this.#text[this.#at];
        if (found === '"') {
          this.#string();
          continue;
        }
        if (found === "{" || found === "[") depth++;
        else depth--;
        this.#at++;
      } while (depth > 0);
    }
  }

  /** By hand, as an expression with escapes in it runs out of stack at some megabytes of them. */
  #string(): string {
    const start = this.#at;
    let end = start;
    do end = this.#text.indexOf('"', end + 1);
    while (isEscaped(this.#text, end));
    this.#at = end + 1;
    return this.#text.slice(start, end + 1);
  }

  #replace(start: number, value: string): void {
    this.#edits.push({ start, end: this.#at, text: JSON.stringify(value) });
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }
}

/** After an odd number of backslashes. */
function isEscaped(text: string, at: number): boolean {
  let from = at;
  while (text[from - 1] === "\\") from--;
  return (at - from) % 2 === 1;
}
