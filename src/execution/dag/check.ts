import { type Fault, throwFaults } from "../../core/faults.js";
import { oneOf, optionFaults, RULE } from "../check-options.js";
import { findCircle, inOrder } from "../order.js";
import type { Steps } from "./step.js";

const OPTIONS = {
  input: { must: "anything", test: () => true },
  concurrency: RULE.count,
  onFailure: oneOf("stop", "continue"),
  signal: RULE.signal,
  clock: RULE.clock,
  onEvent: RULE.function,
};
const STEP = {
  needs: {
    must: "a list of names",
    test: (value: unknown) => Array.isArray(value) && value.every((need) => typeof need === "string"),
  },
  run: { ...RULE.function, isRequired: true },
  when: RULE.function,
  each: RULE.function,
  concurrency: RULE.count,
  retry: {
    must: "a whole number of at least 0, or an object { times, delayMs, maxDelayMs, when }",
    test: (value: unknown) => RULE.wholeFromZero.test(value) || (typeof value === "object" && value !== null),
  },
  timeoutMs: RULE.timeoutMs,
  optional: RULE.flag,
};
const RETRY = {
  times: { ...RULE.wholeFromZero, isRequired: true },
  delayMs: RULE.delayMs,
  maxDelayMs: RULE.delayMs,
  when: RULE.function,
};
/** `input` is what every step is given; the other one cannot be a key of an ordinary object. */
const RESERVED = ["input", "__proto__"];
/** How many names a message lists. */
const SHOWN = 10;

/**
 * The names of the steps in an order in which each comes after all that it needs.
 *
 * @throws {BatonError} `CONFIG_INVALID` with every fault of steps and options
 */
export function checkDag(steps: Steps, options: object): readonly string[] {
  const what = "runDag()";
  const hasSteps = typeof steps === "object" && steps !== null && Object.keys(steps).length > 0;
  throwFaults(what, [
    ...optionFaults("", options, OPTIONS),
    ...(hasSteps
      ? Object.keys(steps).flatMap((name) => stepFaults(name, steps))
      : [{ path: "steps", problem: "must be an object with at least one step" }]),
  ]);
  const all = Object.entries(steps).map(([id, { needs = [] }]) => ({ id, needs }));
  const { ordered, circular } = inOrder(all);
  if (circular.length > 0) {
    const circle = findCircle(circular)?.join(" -> ");
    const problem = `need each other, so that none of them can start: ${circle}`;
    throwFaults(what, [{ path: "steps", problem }]);
  }
  return ordered.map(({ id }) => id);
}

function stepFaults(name: string, steps: Steps): readonly Fault[] {
  const step = steps[name];
  const faults = optionFaults(name, step, STEP);
  if (RESERVED.includes(name)) return [...faults, { path: name, problem: "cannot be the name of a step" }];
  if (step === undefined || faults.length > 0) return faults;
  const { needs = [], retry, each, concurrency } = step;
  const unknown = needs.filter((need) => !Object.hasOwn(steps, need));
  return [
    ...(unknown.length === 0 ? faults : unknown.map((need) => unknownNeed(name, need, Object.keys(steps)))),
    ...(typeof retry === "object" ? optionFaults(`${name}.retry`, retry, RETRY) : []),
    ...(concurrency !== undefined && each === undefined
      ? [{ path: `${name}.concurrency`, problem: "is for a step with each: it runs only once" }]
      : []),
  ];
}

function unknownNeed(step: string, need: string, names: readonly string[]): Fault {
  if (need === "input") return { path: `${step}.needs`, problem: "has 'input', which every step is given" };
  const more = names.length > SHOWN ? `, and ${names.length - SHOWN} more` : "";
  const known = `${names.slice(0, SHOWN).join(", ")}${more}`;
  return { path: `${step}.needs`, problem: `has '${need}', which is no step; there are ${known}` };
}
