import { isIPv6 } from "node:net";
import { contextBefore, type Detector, isWord, matchesOf, NONE, type Span } from "./detector.js";

const V4 = /(?<![\w.:-])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d|-[A-Za-z])/g;
const V6 = /(?<![\w:.])[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{2,43}/g;
const LONGEST_V6 = 45;
const VERSION = /(?:\bv|versions?|\bver|release|build|firmware|assembly)[\s:=.v"']*$/i;
/** Of every machine, and so of nobody: this host, any address, all addresses, masks. */
const NOBODYS = /^(?:0\.0\.0\.0$|127\.|255\.)/;

/**
 * Internet addresses of both versions, private ones as well. Not: what every machine has (`127.0.0.1`, `::1`), and four
 * numbers that are called a version or go on like one (`1.2.3.4-beta`).
 */
export const findIps: Detector = (text, key) => {
  const [old, current] = [findV4(text, key), findV6(text)];
  return current.length === 0 ? old : [...old, ...current];
};

function findV4(text: string, key: string | undefined): readonly Span[] {
  if (!text.includes(".")) return NONE;
  const spans: Span[] = [];
  for (const { 0: address, index } of matchesOf(text, V4)) {
    const octets = address.split(".");
    if (octets.some((octet) => Number(octet) > 255 || (octet.length > 1 && octet.startsWith("0")))) continue;
    if (NOBODYS.test(address) || VERSION.test(contextBefore(text, index, key))) continue;
    spans.push({ start: index, end: index + address.length });
  }
  return spans;
}

function findV6(text: string): readonly Span[] {
  if (!text.includes(":")) return NONE;
  const spans: Span[] = [];
  for (const { 0: found, index } of matchesOf(text, V6)) {
    const end = index + found.length;
    // The end of a sentence, or what comes before a port or a word of it.
    const address = found.replace(/[.:]+$/, (rest) => (rest.startsWith("::") ? "::" : ""));
    if (end < text.length && isWord(text, end) && address.length === found.length) continue;
    if (address.length > LONGEST_V6 || !isIPv6(address) || !isPlausible(address)) continue;
    spans.push({ start: index, end: index + address.length });
  }
  return spans;
}

/** Not the `a::b` of a program, nor the pairs of a hardware address. */
function isPlausible(address: string): boolean {
  const groups = address.split(":").filter((group) => group !== "");
  if (!/\d/.test(address) || groups.length < 2) return false;
  if (groups.length >= 4 || address.includes(".")) return groups.some(({ length }) => length > 2);
  return address.startsWith("::") ? false : groups[0]?.length === 4;
}
