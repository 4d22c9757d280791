import { BatonError } from "../core/errors.js";
import type { Job } from "./job.js";

/** Whether a result is good enough. */
export type Accept<T> = (value: T, name: string) => boolean | Promise<boolean>;

/** A job that fails when its result is not accepted. */
export function accepting<T>(job: Job<T>, accept: Accept<T> | undefined): Job<T> {
  if (accept === undefined) return job;
  const { name } = job;
  return {
    name,
    async run(signal) {
      const value = await job.run(signal);
      if (await accept(value, name)) return value;
      const problem = `${name}: its result was not accepted`;
      throw new BatonError("INVALID_RESULT", problem, { effect: "possible" });
    },
  };
}
