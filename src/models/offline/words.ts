/**
 * Words that carry no subject. Question words and the small talk around a question are here too: "say" and
 * "tell" stand in every other question and would match a tool by accident.
 */
const STOP_WORDS = new Set(
  `a about above after again all also am an and any are as at be been being below between both but by can
  could did do does doing done each either else ever every few following for from further get gets give given got had has
  have having he hello help her here hers hi him his how however i if in into is it its itself just kindly know
  let like look made make many may me might mine more most much must my need of off on once one only onto or
  other our ours out over own per please s same say says see shall she should since so some such t tell than
  thank thanks that the their them then there these they this those through to too under until up us use used
  uses using very via want was we were what whatever when where whether which while who whom whose why will with
  within without would yet you your yours`.split(/\s+/),
);

/**
 * What a matcher of letters cannot see: words that people use for one another at work and with files. Each line
 * is one meaning; the first word names it. General English only, nothing of a particular server.
 */
const MEANINGS = [
  ["employee", "people", "person", "staff", "headcount", "colleague", "workforce"],
  ["vacation", "holiday", "pto", "leave"],
  ["directory", "folder", "dir"],
  ["file", "document", "doc"],
  ["search", "find", "lookup", "locate"],
  ["delete", "remove", "erase"],
  ["move", "rename"],
  ["write", "save"],
  ["sum", "plus", "add", "total"],
  ["average", "avg", "mean"],
  ["repeat", "echo"],
  ["picture", "image", "photo"],
  ["salary", "pay", "wage", "compensation"],
  ["expense", "spending", "reimbursement"],
  ["policy", "rule", "guideline"],
  ["location", "city", "office"],
  ["environment", "env"],
  ["size", "large", "big", "length"],
  ["lead", "led", "leader"],
] as const;

const SUFFIXES = [
  "ations",
  "ation",
  "ments",
  "ment",
  "ings",
  "ing",
  "ers",
  "er",
  "ors",
  "or",
  "ed",
  "ial",
  "al",
];

/** The shortest stem that a suffix may leave: below four letters, unrelated words fall together ("string", "str"). */
const SHORTEST_STEM = 4;

/**
 * Cuts endings until a word's relatives look alike: "engineers", "engineering" and "engineer" become one. Light
 * on purpose: it serves matching, so a stem need not be a word.
 */
export function stem(word: string): string {
  let root = word.replace(/'s$/, "");
  if (/ies$/.test(root) && root.length > 4) root = `${root.slice(0, -3)}y`;
  else if (/(ss|us|sis)$/.test(root)) return root;
  else if (/(x|ch|sh|ss|z)es$/.test(root)) root = root.slice(0, -2);
  else if (/s$/.test(root) && root.length > 3) root = root.slice(0, -1);
  // "Hired" has its e twice over; "engineering" has two endings.
  if (/[aeiou][^aeiou]ed$/.test(root) && root.length === SHORTEST_STEM + 1) root = root.slice(0, -1);
  for (let endings = 0; endings < 2; endings++) {
    const suffix = SUFFIXES.find((one) => root.endsWith(one) && root.length - one.length >= SHORTEST_STEM);
    if (suffix) root = root.slice(0, -suffix.length);
  }
  // A doubled consonant and a last e come and go with the ending: "planned", "plan"; "remote", "remotely".
  root = root.replace(/([bdgmnprt])\1$/, "$1");
  return root.length > SHORTEST_STEM ? root.replace(/(e|ly)$/, "") : root;
}

const meaningOf = new Map<string, string>(
  MEANINGS.flatMap((words) => words.map((word) => [stem(word), stem(words[0])] as const)),
);

/** Lower-case words of a text; `camelCase`, `snake_case` and `kebab-case` come apart, "1,000" is "1000". */
export function wordsOf(text: string): string[] {
  const spaced = text.replace(/([\p{Ll}\d])(\p{Lu})/gu, "$1 $2").replace(/(\d),(?=\d{3}\b)/g, "$1");
  return (spaced.toLowerCase().match(/[\p{L}\p{N}]+(?:['’]s\b)?/gu) ?? []).map((word) =>
    word.replace("’", "'"),
  );
}

/** True for a word that says nothing on the subject. */
export function isStopWord(word: string): boolean {
  return STOP_WORDS.has(word.replace(/'s$/, ""));
}

/** Stems of all words, in order, stop words too. */
export function allStems(text: string): string[] {
  return wordsOf(text).map(stem);
}

/** Stems of the words that carry the subject, in order, each once. */
export function termsOf(text: string): string[] {
  return [...new Set(wordsOf(text).filter(isContentWord).map(stem))];
}

function isContentWord(word: string): boolean {
  return !isStopWord(word) && (word.length > 1 || /\p{N}/u.test(word));
}

/** Words of the subject as they were written, in order. */
export function contentWords(text: string): string[] {
  return text
    .split(/[^\p{L}\p{N}'’._@/-]+/u)
    .map((word) => word.replace(/^[^\p{L}\p{N}./~]+|[^\p{L}\p{N}]+$/gu, ""))
    .filter((word) => word !== "" && wordsOf(word).some(isContentWord));
}

/** Words that give an order and are no subject: they need not be found in a result. */
const ORDERS = new Set(
  `average avg cheapest check compare conversation count describe display explain fewest find greatest
  highest largest latest least list longest lookup lowest max maximum mean min minimum most number
  print query read retrieve search shortest smallest sort sum summarise summarize summary text top
  total`
    .split(/\s+/)
    .map(stem),
);

/** True for the stem of a word that orders rather than names: "list", "summarise", "highest". */
export function isOrder(term: string): boolean {
  return ORDERS.has(term);
}

/** How much a synonym counts beside the word itself: enough to find a tool, never enough to beat the very word. */
export const SYNONYM_WEIGHT = 0.7;

/** 1 for the same stem, {@link SYNONYM_WEIGHT} for the same meaning, else 0. */
export function likeness(one: string, other: string): number {
  if (one === other) return 1;
  const meaning = meaningOf.get(one);
  return meaning !== undefined && meaning === meaningOf.get(other) ? SYNONYM_WEIGHT : 0;
}

/** The best likeness of a term to any of many. */
export function bestLikeness(term: string, others: Iterable<string>): number {
  let best = 0;
  for (const other of others) {
    best = Math.max(best, likeness(term, other));
    if (best === 1) break;
  }
  return best;
}

/** True when a word names people by what they do: "engineers", "designer", "analysts", "accountants". */
export function namesPeople(word: string): boolean {
  return /(?:er|or|ist|yst|ian|ant|eer|man|men)s?$/.test(word);
}

/** Rarity of each term over a collection, in (0, 1]: 1 for a term of one text at most. */
export function rarity(texts: readonly ReadonlySet<string>[]): (term: string) => number {
  const counts = new Map<string, number>();
  for (const text of texts) for (const term of text) counts.set(term, (counts.get(term) ?? 0) + 1);
  const most = Math.log(1 + texts.length);
  return (term) =>
    texts.length === 0 ? 1 : Math.log(1 + texts.length / Math.max(1, counts.get(term) ?? 1)) / most;
}
