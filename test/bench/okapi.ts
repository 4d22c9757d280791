/** Plain Okapi BM25, to compare with: lower-case words, no stop words, no stems, nothing but the text. */
const K1 = 1.2;
const B = 0.75;

export interface Document {
  readonly id: string;
  readonly text: string;
}

/** Ranks documents for a query; those without any of its words are left out. */
export function createOkapi(documents: readonly Document[]): (query: string) => string[] {
  const bags = documents.map(({ text }) => {
    const counts = new Map<string, number>();
    const words = wordsOf(text);
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
    return { counts, length: words.length };
  });
  const average = bags.reduce((sum, { length }) => sum + length, 0) / bags.length;
  const inDocuments = new Map<string, number>();
  for (const { counts } of bags)
    for (const word of counts.keys()) inDocuments.set(word, (inDocuments.get(word) ?? 0) + 1);

  return function rank(query) {
    const words = new Set(wordsOf(query));
    return documents
      .map(({ id }, at) => {
        const { counts, length } = bags[at] as (typeof bags)[number];
        let score = 0;
        for (const word of words) {
          const count = counts.get(word) ?? 0;
          if (count === 0) continue;
          const frequency = inDocuments.get(word) as number;
          const idf = Math.log(1 + (documents.length - frequency + 0.5) / (frequency + 0.5));
          score += (idf * count * (K1 + 1)) / (count + K1 * (1 - B + (B * length) / average));
        }
        return { id, score };
      })
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score)
      .map(({ id }) => id);
  };
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
