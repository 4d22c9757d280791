const UNITS = [
  { name: "d", seconds: 86_400 },
  { name: "h", seconds: 3600 },
  { name: "min", seconds: 60 },
  { name: "s", seconds: 1 },
] as const;

/** Up to a minute three digits and a unit, `12 ms` or `1.25 s`; from there the two largest units, `2 min 5 s`. */
export function formatMs(ms: number): string {
  if (ms < 999.5) return `${Number(ms.toPrecision(3))} ms`;
  if (ms < 59_950) return `${Number((ms / 1000).toPrecision(3))} s`;
  const seconds = Math.round(ms / 1000);
  const index = UNITS.findIndex((unit) => seconds >= unit.seconds);
  const [large, small] = [UNITS[index] ?? UNITS[3], UNITS[index + 1] ?? UNITS[3]];
  const rest = Math.floor((seconds % large.seconds) / small.seconds);
  const first = `${Math.floor(seconds / large.seconds)} ${large.name}`;
  return rest === 0 ? first : `${first} ${rest} ${small.name}`;
}
