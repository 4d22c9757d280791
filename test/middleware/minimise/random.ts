/** Chance from a seed (mulberry32), and what tests draw with it. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  number(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Both ends included. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.number() * (to - from + 1));
  }

  pick<T>(list: readonly T[]): T {
    return list[this.whole(0, list.length - 1)] as T;
  }

  /** So many characters of an alphabet. */
  text(alphabet: string, length: number): string {
    return Array.from({ length }, () => alphabet[this.whole(0, alphabet.length - 1)]).join("");
  }

  digits(length: number): string {
    return this.text("0123456789", length);
  }
}

export const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
export const LOWER = UPPER.toLowerCase();
export const DIGITS = "0123456789";
export const BASE62 = UPPER + LOWER + DIGITS;
export const BASE64 = `${BASE62}+/`;
export const BASE64URL = `${BASE62}-_`;
export const HEX = "0123456789abcdef";
