import { type Fault, throwFaults, unknownKeys } from "../../core/faults.js";
import { priceFault, pricesFault } from "../prices.js";

const OPTIONS = ["models", "prices"];
const KEYS = ["model", "price", "maxInputTokens", "tools", "kinds", "quality"];

export function checkRouter(options: object): void {
  const fault = findFault(options);
  throwFaults("createRouter()", fault === undefined ? [] : [fault]);
}

function findFault(options: object): Fault | undefined {
  const [unknown] = unknownKeys("", options, OPTIONS);
  if (unknown !== undefined) return unknown;
  const { models, prices } = options as { models?: unknown; prices?: unknown };
  if (!Array.isArray(models) || models.length === 0)
    return { path: "models", problem: "must be a list of at least one model" };
  const faults = models.map((entry, index) => modelFault(`models[${index}]`, entry));
  return faults.find(Boolean) ?? (prices === undefined ? undefined : pricesFault(prices));
}

const TASK: Readonly<Record<string, readonly [(value: unknown) => boolean, string]>> = {
  tokens: [isAmount, "must be a number of 0 or more"],
  outputTokens: [isAmount, "must be a number of 0 or more"],
  tools: [(value) => typeof value === "boolean", "must be true or false"],
  kind: [(value) => typeof value === "string" && value !== "", "must be a text"],
  minQuality: [(value) => isAmount(value) && value <= 5, "must be a number up to 5"],
  remaining: [isRemaining, "must be { tokens?, usd? }, each a number of 0 or more"],
};

/** @throws {BatonError} `CONFIG_INVALID` for what a call is said to need; `isFull` where its tokens must be among it */
export function checkTask(what: string, task: object, isFull: boolean): void {
  const known = Object.keys(TASK).filter((key) => isFull || !["tokens", "tools", "remaining"].includes(key));
  const given = task as Record<string, unknown>;
  const wrong = Object.entries(TASK).flatMap(([path, [fits, problem]]) => {
    const isLeftOut = given[path] === undefined && !(path === "tokens" && isFull);
    return isLeftOut || fits(given[path]) ? [] : [{ path, problem }];
  });
  throwFaults(what, [...unknownKeys("", given, known), ...wrong]);
}

function isAmount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

function isRemaining(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).every(
    ([key, each]) => ["tokens", "usd"].includes(key) && (each === undefined || isAmount(each)),
  );
}

function modelFault(path: string, entry: unknown): Fault | undefined {
  if (typeof entry !== "object" || entry === null) return { path, problem: "must be an object" };
  const [unknown] = unknownKeys(path, entry, KEYS);
  if (unknown !== undefined) return unknown;
  const { model, price, maxInputTokens, tools, kinds, quality } = entry as Record<string, unknown>;
  const problems: readonly (readonly [string, boolean, string])[] = [
    ["model", isModel(model), 'must be "provider:name" or a LangChain chat model'],
    ["maxInputTokens", isNone(maxInputTokens) || isWhole(maxInputTokens), "must be a whole number above 0"],
    ["tools", isNone(tools) || typeof tools === "boolean", "must be true or false"],
    ["kinds", isNone(kinds) || isTexts(kinds), "must be a list of at least one text"],
    ["quality", isNone(quality) || (isWhole(quality) && quality <= 5), "must be a whole number from 1 to 5"],
  ];
  const wrong = problems.find(([, fits]) => !fits);
  if (wrong !== undefined) return { path: `${path}.${wrong[0]}`, problem: wrong[2] };
  return price === undefined ? undefined : priceFault(`${path}.price`, price);
}

function isNone(value: unknown): value is undefined {
  return value === undefined;
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === "string");
}

function isModel(value: unknown): boolean {
  if (typeof value === "string") return value.trim() !== "";
  return typeof value === "object" && value !== null && "invoke" in value;
}
