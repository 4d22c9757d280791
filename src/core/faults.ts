import { BatonError } from "./errors.js";

/** What is wrong with an option, and where. */
export interface Fault {
  readonly path: string;
  readonly problem: string;
}

/** All faults of what a program gives, as one error. `what` says of what they are: "createRegistry()". */
export function configInvalid(what: string, faults: readonly Fault[]): BatonError {
  const list = faults.map(({ path, problem }) => (path === "" ? problem : `${path} ${problem}`)).join("; ");
  return new BatonError("CONFIG_INVALID", `${what}: ${list}`, { data: { faults } });
}

/** @throws {BatonError} `CONFIG_INVALID` with all of them, if there are any */
export function throwFaults(what: string, faults: readonly Fault[]): void {
  if (faults.length > 0) throw configInvalid(what, faults);
}

/** @throws {BatonError} `CONFIG_INVALID` with every fault that the options have, those that nobody knows among them */
export function checkOptions<Options extends object>(
  what: string,
  options: Options,
  known: readonly string[],
  faultsOf: (options: Options) => readonly Fault[],
): void {
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw configInvalid(what, [{ path: "", problem: `needs an object of ${known.join(", ")}` }]);
  throwFaults(what, [...unknownKeys("", options, known), ...faultsOf(options)]);
}

/** A misspelt option would be obeyed by nobody. */
export function unknownKeys(path: string, given: object, known: readonly string[]): readonly Fault[] {
  return Object.keys(given)
    .filter((key) => !known.includes(key))
    .map((key) => ({
      path: path === "" ? key : `${path}.${key}`,
      problem: `is not known; there are ${known.join(", ")}`,
    }));
}
