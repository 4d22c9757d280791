import { InMemoryStore, type Operation, type OperationResults } from "@langchain/langgraph-checkpoint";
import { onTestFinished } from "vitest";

/** A store that fails for as long as it is told to. */
export function brokenStore(): { readonly store: InMemoryStore; readonly fail: (fails: boolean) => void } {
  let fails = false;
  class Broken extends InMemoryStore {
    override async batch<Op extends readonly Operation[]>(operations: Op): Promise<OperationResults<Op>> {
      if (fails) throw new Error("disk full");
      return await super.batch(operations);
    }
  }
  return { store: new Broken(), fail: (value) => (fails = value) };
}

/** What the process is warned of from now on; they come a tick late. */
export function warnings(): () => Promise<string[]> {
  const heard: string[] = [];
  const listen = ({ message }: Error): void => void heard.push(message);
  process.on("warning", listen);
  onTestFinished(() => void process.off("warning", listen));
  return async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return heard;
  };
}
