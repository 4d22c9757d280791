import { type Fault, unknownKeys } from "../../core/faults.js";
import { modelFaults } from "../check-options.js";
import type { Specialist } from "./specialist.js";

const KEYS = ["name", "description", "tools", "model", "graph", "systemPrompt", "output"];
/** What providers accept as a choice, and LangGraph as a name. */
const NAME = /^[\w.-]{1,64}$/;

/** What is wrong with specialists that a program, or a file, gives. `reserved` is the name that none may have. */
export function teamFaults(path: string, team: readonly Specialist[], reserved: string): readonly Fault[] {
  if (!Array.isArray(team)) return [{ path, problem: "must be a list" }];
  return team.flatMap((specialist: Specialist, index): readonly Fault[] => {
    const at = `${path}[${index}]`;
    if (typeof specialist !== "object" || specialist === null)
      return [{ path: at, problem: "must be an object" }];
    const isTaken = team.findIndex((other: Specialist) => other?.name === specialist.name) < index;
    return [
      ...unknownKeys(at, specialist, KEYS),
      ...specialistFaults(specialist, at, reserved),
      ...(isTaken ? [{ path: `${at}.name`, problem: `is '${specialist.name}' like another's` }] : []),
    ];
  });
}

function specialistFaults(specialist: Specialist, path: string, reserved: string): readonly Fault[] {
  const { name, description, tools, model, graph, output } = specialist;
  const rules: readonly (readonly [boolean, string, string])[] = [
    [typeof name === "string" && NAME.test(name), "name", "must be 1 to 64 letters, digits, '_', '-' or '.'"],
    [name !== reserved, "name", `is '${reserved}', which is taken`],
    [isText(description), "description", "must be a text: who plans chooses by it"],
    [
      output === undefined || typeof output === "object" || typeof output === "function",
      "output",
      "must be a zod or JSON schema",
    ],
    [
      tools === undefined || (Array.isArray(tools) && tools.every(isText)),
      "tools",
      "must be a list of patterns such as 'server.tool'",
    ],
    [
      graph === undefined ||
        [tools, model, output, specialist.systemPrompt].every((own) => own === undefined),
      "graph",
      "brings its own tools, model, prompt and output: leave them out",
    ],
    [
      graph === undefined || typeof graph?.invoke === "function",
      "graph",
      "must be a compiled graph or another Runnable",
    ],
    [[graph, tools, model].some((own) => own !== undefined), "", "needs tools, a model or a graph"],
  ];
  const broken = rules
    .filter(([holds]) => !holds)
    .map(([, key, problem]) => ({ path: key === "" ? path : `${path}.${key}`, problem }));
  return [...broken, ...(model === undefined ? [] : modelFaults(`${path}.model`, model))];
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value.trim() !== "";
}
