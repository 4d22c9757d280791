import { contextBefore, matchesOf, NONE, type Span } from "./detector.js";

/** A token as keys are made of: base64, base64url or base62. */
const CANDIDATE = /[A-Za-z0-9_+/-]{20,}={0,2}/g;
const SHORTEST = 20;
/** Longer ones are data, a picture for example. */
const LONGEST = 200;
/** So far back the beginning of a URL is looked for. */
const LONGEST_WORD = 256;
/** Bits per character. Random text of 20 characters has 4.0 to 4.3, of 40 about 4.7; words have 3 to 3.8. */
const LEAST_ENTROPY = 3.5;
const HEXADECIMAL = /^(?:0x)?[0-9a-f-]+$/i;
/** Names of what is random and no secret. */
const PUBLIC_NAME =
  /(?:\bid|[a-z]Id|_id|hash|digest|checksum|etag|cursor|fingerprint|integrity|sha\d*|md5|uuid|nonce|commit|revision|page_?token|boundary|base64,|\bkid|\bjti)["']?\s*[:=#-]?\s*["']?$/i;
/** The pairs of letters that make up about nine tenths of English, and of the names in programs. */
const COMMON_PAIRS = new Set(
  (
    "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro " +
    "ic ne ea ra ce li ch ll be ma si om ur ca el ta la ns ge ec il pe tr em no ot us ct so ol ni un ho ac po pr ut " +
    "ss am nc ee na ai ir id ia ie wa ad ul op do sh ay ts fo rs pa oo ow uc ci im rt ag mo ly ev gh ke pl mi tt if " +
    "ap bl av sp su ab fi ig wi rm ep bo ld gr tu iv cr ck ks ub ff ov sc cl da ty lo rd ey ru ye pu ws ue ry br dr " +
    "ex qu ob du gu fu bu cu nu mu sa fe tw wh vi ga bi di va ph ht ef rn rl ls ds ys gs ps ms fr fl sl sm sn sw by " +
    "my ip og od eg ew ib ok rk sk nk lt ft pt xt dd nn mm pp rr gg et ei ua ui uo oa oe oi rv je js ke ki ko aw ax"
  ).split(" "),
);

/**
 * Tokens that look drawn by lot: letters of both cases and digits, 20 to 200 of them, of high entropy, and not made of
 * words. Not: hexadecimal (a hash, a UUID, a commit), parts of URLs and paths, text in base64, and what is named an id, a
 * hash, a cursor or the like.
 */
export function findRandomTokens(text: string, key: string | undefined): readonly Span[] {
  if (text.length < SHORTEST) return NONE;
  const spans: Span[] = [];
  for (const { 0: token, index } of matchesOf(text, CANDIDATE)) {
    if (token.length > LONGEST || !isMixed(token) || HEXADECIMAL.test(token)) continue;
    if (PUBLIC_NAME.test(contextBefore(text, index, key)) || /^(?:sha\d{1,3}-|AAAA)/.test(token)) continue;
    if (isPartOfPath(text, index, token) || entropyOf(token) < LEAST_ENTROPY || isMadeOfWords(token))
      continue;
    if (isReadable(token)) continue;
    spans.push({ start: index, end: index + token.length });
  }
  return spans;
}

function isMixed(token: string): boolean {
  return /[a-z]/.test(token) && /[A-Z]/.test(token) && /\d/.test(token);
}

const counts = new Uint8Array(128);

/** Shannon's, of the token's own characters, all of them ASCII. */
function entropyOf(token: string): number {
  counts.fill(0);
  for (let i = 0; i < token.length; i++) {
    const code = token.charCodeAt(i);
    counts[code] = (counts[code] ?? 0) + 1;
  }
  let bits = 0;
  for (const count of counts) if (count > 0) bits -= (count / token.length) * Math.log2(count / token.length);
  return bits;
}

/** Identifiers of several words have common pairs of letters and long pieces of one kind; random tokens seldom both. */
function isMadeOfWords(token: string): boolean {
  const pieces = token.match(/[A-Z]?[a-z]+|[A-Z]+|\d+/g) ?? [];
  let pairs = 0;
  let common = 0;
  let length = 0;
  for (const piece of pieces) {
    length += piece.length;
    const letters = piece.toLowerCase();
    if (/\d/.test(letters)) continue;
    for (let i = 1; i < letters.length; i++) {
      pairs++;
      if (COMMON_PAIRS.has(letters.slice(i - 1, i + 1))) common++;
    }
  }
  return common >= pairs * 0.6 && length >= pieces.length * 2.3;
}

function isPartOfPath(text: string, start: number, token: string): boolean {
  if (token.startsWith("/") || /[/.~\\@]/.test(text[start - 1] ?? "")) return true;
  if (/^\.[A-Za-z]{1,5}(?![A-Za-z])/.test(text.slice(start + token.length, start + token.length + 7)))
    return true;
  let from = start;
  while (from > 0 && start - from < LONGEST_WORD && !/[\s"'<>()]/.test(text[from - 1] ?? "")) from--;
  const word = text.slice(from, start);
  if (word.includes("://") || /^(?:\.{0,2}\/|~\/|[A-Za-z]:\\)/.test(word))
    return !/[?&=]$/.test(word) || word === "";
  return token.split("/").length > 1 && token.split("/").some((part) => /^[A-Za-z]?[a-z]{3,}$/.test(part));
}

/** Base64 of text: whoever wrote it hid nothing, and a model reads it as it is. */
function isReadable(token: string): boolean {
  for (let skip = 0; skip < 4; skip++) {
    const bytes = Buffer.from(token.slice(skip), "base64");
    // The first few tell nearly always.
    const isText = bytes.every((byte, index) => index > 6 || isPrintable(byte));
    if (isText && bytes.filter(isPrintable).length >= bytes.length * 0.9) return true;
  }
  return false;
}

function isPrintable(byte: number): boolean {
  return (byte >= 32 && byte < 127) || (byte >= 9 && byte <= 13);
}
