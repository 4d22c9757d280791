import { type Asked, type CallOf, DecidingModel, isAnswered, type Reply } from "./deciding-model.js";

export interface Planned {
  readonly id: string;
  readonly specialist: string;
  readonly objective?: string;
  readonly needs?: readonly string[];
}

export interface Script {
  readonly plan: readonly Planned[] | string;
  /** @default "Complete." */
  readonly verify?: readonly Planned[] | string;
  /** @default cites the first finding */
  readonly write?: string;
  /** A specialist's turns. @default calls nothing and says that it did the objective */
  readonly specialist?: (asked: Asked) => Reply | Promise<Reply>;
}

/** One model that plays all the parts of a conductor by its prompts. */
export function conductingModel(script: Script): DecidingModel {
  return new DecidingModel((asked) => {
    const { system, tools } = asked;
    if (system.includes("<write>report</write>")) return script.write ?? "A report [1].";
    if (tools.includes("delegate")) {
      // Refused before: it has nothing better to say.
      if (isAnswered(asked)) return "I cannot say it better.";
      return delegate(system.includes("<findings>") ? (script.verify ?? "Complete.") : script.plan);
    }
    return script.specialist?.(asked) ?? `${asked.question} Done.`;
  });
}

function delegate(planned: readonly Planned[] | string): Reply {
  if (typeof planned === "string") return planned;
  return planned.map(
    ({ id, specialist, objective = `Do ${id}.`, needs = [] }): CallOf => ({
      name: "delegate",
      id: `delegate_${id}`,
      args: { id, specialist, objective, needs },
    }),
  );
}
