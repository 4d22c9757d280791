/**
 * State by key, made at first use. When there are too many, those that were not used for longest are forgotten: what
 * they knew is learnt again.
 */
export function perKey<T>(make: (key: string) => T, most = 10_000): (key: string) => T {
  // Two generations: what is used moves to the young one, and only what nobody used since the last change is dropped.
  let young = new Map<string, T>();
  let old = new Map<string, T>();
  return (key) => {
    let state = young.get(key);
    if (state !== undefined) return state;
    state = old.get(key) ?? make(key);
    if (young.size >= most / 2) {
      old = young;
      young = new Map();
    }
    young.set(key, state);
    return state;
  };
}
