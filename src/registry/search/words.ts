import { stem } from "../../memory/recall/stem.js";
import { stopWords } from "../../memory/recall/stop-words.js";
import { tokenise } from "../../memory/recall/tokenise.js";

/** What people say around a task, and servers around a tool. */
const CHATTER = new Set(
  "help please give tell want need let like know use using used able via etc e.g i.e return returns returned tool args optional default provide provided provides given specified specific various detailed".split(
    " ",
  ),
);

/** Words of one text that count; the rest of a longer one is left out. */
const MOST_WORDS = 400;
/** So long a text holds as many words as are asked for; of a longer one no more is looked at. */
const CHARACTERS_PER_WORD = 40;

const seen = new Map<string, string>();

/** The stems of a text in order, without words that say nothing. Splits camelCase and snake_case. */
export function stemsOf(text: string, most = MOST_WORDS): string[] {
  const stems: string[] = [];
  tokenise(splitNames(text.slice(0, most * CHARACTERS_PER_WORD)), most, (word) => {
    const known = seen.get(word);
    if (known !== undefined) {
      if (known !== "") stems.push(known);
      return;
    }
    const lower = word.normalize("NFKC").toLowerCase();
    const said = lower.replace(/['’]s?$/, "");
    const stemmed = stopWords.has(lower) || CHATTER.has(said) ? "" : stem(said);
    if (seen.size < 20_000) seen.set(word, stemmed);
    if (stemmed !== "") stems.push(stemmed);
  });
  return stems;
}

/** `getHTTPPage` and `get_http_page` as words of their own. */
function splitNames(text: string): string {
  return text
    .replace(/_/g, " ")
    .replace(/(\p{Ll}|\d)(\p{Lu})/gu, "$1 $2")
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1 $2");
}
