/** Milliseconds of this process's own work: a busy machine does not lengthen them as it does the time on the wall. */
function cpuOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

export interface Growth {
  /** Milliseconds for one text of 10 KB. */
  readonly ms: number;
  /** A text of eight times the length takes less than twelve times as long. */
  readonly isLinear: boolean;
}

const LENGTH = 10_000;

/**
 * How the work on a text of one unit, over and over, grows with its length. Eight short texts are compared with a long one,
 * as they leave as much garbage. Measured again as long as it looks worse than linear: what grows, grows every time.
 */
export function growthOf(unit: string, work: (text: string) => void): Growth {
  const fill = (length: number) => unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
  const [short, long] = [fill(LENGTH), fill(8 * LENGTH)];
  const eight = () => {
    for (let i = 0; i < 8; i++) work(short);
  };
  eight();
  let [shortMs, longMs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  // Four milliseconds are beneath what can be told apart where others use the machine too.
  const isLinear = () => longMs < shortMs * (12 / 8) + 4;
  for (let round = 0; round < 3 || (round < 20 && !isLinear()); round++) {
    shortMs = Math.min(shortMs, cpuOf(eight));
    longMs = Math.min(
      longMs,
      cpuOf(() => work(long)),
    );
  }
  return { ms: shortMs / 8, isLinear: isLinear() };
}
