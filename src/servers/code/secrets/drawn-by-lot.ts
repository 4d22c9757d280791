const SHORTEST = 12;

/**
 * Whether a text looks drawn by lot, as keys are, and not written by somebody: words, counted-up letters
 * (`abcdef012345`) and repeated pieces are none. Of 1000 random keys of 16 characters or more, a few are missed.
 */
export function isDrawnByLot(text: string): boolean {
  const letters = text.replace(/[^A-Za-z0-9]/g, "");
  if (letters.length < SHORTEST || isMechanical(letters)) return false;
  const kinds = [...letters].map((letter) => (/\d/.test(letter) ? 0 : /[a-z]/.test(letter) ? 1 : 2));
  const changes = kinds.filter((kind, index) => index > 0 && kind !== kinds[index - 1]).length;
  // Of base36 two in five letters are of another kind than the one before, of base62 three in five.
  const isMixed = kinds.includes(1) && kinds.includes(2);
  const least = isMixed ? (kinds.includes(0) ? 0.22 : 0.35) : 0.15;
  return changes / letters.length >= least;
}

/** Counted up, or one piece again and again: what people type who need something of the right length. */
export function isMechanical(letters: string): boolean {
  return isCountedUp(letters) || isRepeated(letters);
}

/** Each next to the one before or the one before that, in the alphabet. */
function isCountedUp(letters: string): boolean {
  const near = (distance: number, most: number) => {
    let count = 0;
    for (let i = distance; i < letters.length; i++)
      if (Math.abs(letters.charCodeAt(i) - letters.charCodeAt(i - distance)) <= most) count++;
    return count / (letters.length - distance);
  };
  return near(1, 1) > 0.45 || near(2, 1) > 0.6;
}

function isRepeated(letters: string): boolean {
  const pieces = new Set<string>();
  for (let i = 2; i < letters.length; i++) pieces.add(letters.slice(i - 2, i + 1));
  // A long text has no more pieces than there are, and a key is no long text.
  return pieces.size / Math.min(letters.length - 2, 400) < 0.7;
}
