import { describe, expect, test } from "vitest";
import { createQueue } from "../../src/execution/queue.js";
import { failure } from "../support/calls.js";
import { FakeClock, settle } from "../support/fake-clock.js";
import { createSignal, expectNothingLeft } from "./support.js";

/** Tasks that a test ends by hand. */
function createTasks() {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const aborted: string[] = [];
  const task = (name: string) => (signal: AbortSignal) => {
    started.push(name);
    signal.addEventListener("abort", () => aborted.push(name));
    return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
  };
  const end = async (name: string) => {
    ends.get(name)?.();
    await settle();
  };
  return { task, started, aborted, end };
}

describe("createQueue()", () => {
  test("starts the higher priority first, and who came first within one", async () => {
    const { task, started, end } = createTasks();
    const queue = createQueue({ concurrency: 1 });
    const priorities = { a: 0, b: 1, c: 5, d: 1, e: -1, f: 5 };
    const runs = Object.entries(priorities).map(([name, priority]) => queue.add(task(name), { priority }));
    expect([queue.running, queue.waiting]).toEqual([1, 5]);
    for (const name of ["a", "c", "f", "b", "d", "e"]) await end(name);
    expect(started).toEqual(["a", "c", "f", "b", "d", "e"]);
    expect(await Promise.all(runs)).toEqual(Object.keys(priorities));
    expect([queue.running, queue.waiting]).toEqual([0, 0]);
  });

  test("settles as the task does, whichever way it fails", async () => {
    const queue = createQueue();
    const odd = new Error("odd");
    await expect(queue.add(() => Promise.reject(odd))).rejects.toBe(odd);
    const atOnce = queue.add(() => {
      throw odd;
    });
    await expect(atOnce).rejects.toBe(odd);
    expect(await queue.add(() => 5)).toBe(5);
    expect(queue.running).toBe(0);
  });

  test("refuses more than `capacity` that wait", async () => {
    const { task } = createTasks();
    const queue = createQueue({ concurrency: 1, capacity: 2 });
    for (const name of ["a", "b", "c"]) void queue.add(task(name));
    const error = await failure(queue.add(task("d"), { name: "report 7" }));
    expect(error).toMatchObject({ code: "OVERLOADED", retryable: true, data: { limit: 2 } });
    expect(error.message).toMatch(/^report 7: not added, as 2 tasks wait already/);
  });

  test("room() lets in one after the other, in their order, and none that is refused", async () => {
    const { task, end, started } = createTasks();
    const queue = createQueue({ concurrency: 1, capacity: 1 });
    const order: string[] = [];
    const produce = async (name: string) => {
      await queue.room();
      order.push(name);
      return queue.add(task(name));
    };
    const names = ["a", "b", "c", "d", "e"];
    const runs = names.map(produce);
    await settle();
    expect(order).toEqual(["a", "b"]);
    for (const name of names) await end(name);
    expect(await Promise.all(runs)).toEqual(names);
    expect(started).toEqual(names);
  });

  test("a task that waits leaves at once when its signal fires", async () => {
    const clock = new FakeClock();
    const { signal, fire, listeners } = createSignal();
    const { task, started, end } = createTasks();
    const queue = createQueue({ concurrency: 1, clock });
    void queue.add(task("a"));
    const waiting = failure(queue.add(task("b"), { signal, name: "b" }));
    const room = failure(
      createQueue({ clock })
        .room(signal)
        .then(() => new Promise(() => {})),
    );
    fire("gone");
    expect(queue.waiting).toBe(0);
    expect(await waiting).toMatchObject({ code: "CANCELLED", cause: "gone", effect: "none" });
    expect((await room).code).toBe("CANCELLED");
    await end("a");
    expect(started).toEqual(["a"]);
    expectNothingLeft(clock, { listeners });
  });

  test("a task that runs ends at once when its signal fires, and gives its place away", async () => {
    const { signal, fire, listeners } = createSignal();
    const { task, started, aborted } = createTasks();
    const queue = createQueue({ concurrency: 1 });
    const running = failure(queue.add(task("a"), { signal }));
    void queue.add(task("b"));
    fire();
    expect(await running).toMatchObject({ code: "CANCELLED", effect: "possible" });
    expect(aborted).toEqual(["a"]);
    expect(started).toEqual(["a", "b"]);
    expect(listeners()).toBe(0);
    expect((await failure(queue.add(task("c"), { signal }))).code).toBe("CANCELLED");
  });

  test("starts tasks evenly apart with `perSecond`, and leaves no timer when none waits", async () => {
    const clock = new FakeClock();
    const { signal, fire } = createSignal();
    const queue = createQueue({ clock, perSecond: 20 });
    const start = clock.now();
    const at = () => queue.add(() => clock.now() - start);
    const runs = Promise.all([at(), at(), at()]);
    await clock.advance(100);
    expect(await runs).toEqual([0, 50, 100]);
    const waiting = failure(queue.add(() => 1, { signal }));
    expect(clock.pending).toBe(1);
    fire();
    await waiting;
    expect(clock.pending).toBe(0);
  });

  test("drain() refuses new tasks, and resolves when all are over", async () => {
    const { task, end } = createTasks();
    const queue = createQueue({ concurrency: 1, capacity: 1 });
    const runs = [queue.add(task("a")), queue.add(task("b"))];
    const room = failure(queue.room());
    let isDrained = false;
    const drained = queue.drain().then(() => {
      isDrained = true;
    });
    expect(queue.closed).toBe(true);
    expect((await failure(queue.add(task("c")))).code).toBe("CANCELLED");
    expect((await room).message).toMatch(/takes no more tasks; create another queue/);
    expect((await failure(queue.room())).code).toBe("CANCELLED");
    await end("a");
    expect(isDrained).toBe(false);
    await end("b");
    await drained;
    expect(await Promise.all(runs)).toEqual(["a", "b"]);
    await queue.drain();
  });

  test("cancel() ends all, those that wait and those that run, and starts none", async () => {
    const clock = new FakeClock();
    const { task, started, aborted } = createTasks();
    const queue = createQueue({ concurrency: 2, clock });
    const runs = ["a", "b", "c", "d"].map((name) => failure(queue.add(task(name), { name })));
    queue.cancel("shutdown");
    const errors = await Promise.all(runs);
    expect(errors.map(({ cause, effect }) => [cause, effect])).toEqual([
      ["shutdown", "possible"],
      ["shutdown", "possible"],
      ["shutdown", "none"],
      ["shutdown", "none"],
    ]);
    expect(started).toEqual(["a", "b"]);
    expect(aborted).toEqual(["a", "b"]);
    expect([queue.running, queue.waiting, clock.pending]).toEqual([0, 0, 0]);
    await queue.drain();
  });

  test("takes twenty thousand tasks that wait without sorting them each time", async () => {
    const queue = createQueue({ concurrency: 1, capacity: 20_000 });
    const order: number[] = [];
    let open = () => {};
    const gate = queue.add(() => new Promise<void>((resolve) => (open = resolve)));
    const runs = Array.from({ length: 20_000 }, (_, index) =>
      queue.add(() => void order.push(index % 100), { priority: index % 100 }),
    );
    open();
    await Promise.all([gate, ...runs]);
    expect(order.every((priority, place) => place === 0 || priority <= (order[place - 1] ?? 0))).toBe(true);
  });

  test("refuses options that are none", async () => {
    expect(() => createQueue({ concurrency: 0, capacity: 0, size: 1 } as never)).toThrow(
      /size is not known.*concurrency must be.*capacity must be/,
    );
    const queue = createQueue();
    const error = await failure(queue.add("run" as never, { priority: "high" as never }));
    expect(error.message).toMatch(/run must be a function; priority must be a number/);
  });
});
