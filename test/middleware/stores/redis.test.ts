import { describe, expect, test } from "vitest";
import { impatient } from "../../../src/middleware/stores/impatient.js";
import { type Redis, type RedisClient, toRedis } from "../../../src/middleware/stores/redis.js";
import { FakeClock, settle } from "../../support/fake-clock.js";

describe("toRedis()", () => {
  test("speaks to a client of ioredis", async () => {
    const client = {
      status: "connecting",
      call: async (command: string, ...args: string[]) => [command, ...args],
    };
    const redis = toRedis(client);
    expect(await redis.send(["SET", "key", "value"])).toEqual(["SET", "key", "value"]);
    expect(redis.isReady()).toBe(false);
    client.status = "ready";
    expect(redis.isReady()).toBe(true);
  });

  test("speaks to a client of redis", async () => {
    const client = { isReady: false, sendCommand: async (args: readonly string[]) => args };
    const redis = toRedis(client);
    expect(await redis.send(["GET", "key"])).toEqual(["GET", "key"]);
    expect(redis.isReady()).toBe(false);
    client.isReady = true;
    expect(redis.isReady()).toBe(true);
  });

  test("refuses what is neither", () => {
    expect(() => toRedis({} as RedisClient)).toThrow(/no Redis client: hand over one of 'ioredis'/);
    expect(() => toRedis("redis://127.0.0.1" as unknown as RedisClient)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID" }),
    );
  });
});

/** A Redis whose commands are answered when the test says so. */
function setUp(timeoutMs = 5) {
  const clock = new FakeClock();
  const answers: { resolve: (answer: unknown) => void; reject: (error: unknown) => void }[] = [];
  const redis: Redis = {
    send: () => new Promise((resolve, reject) => answers.push({ resolve, reject })),
    isReady: () => true,
  };
  return { clock, answers, redis, patient: impatient(redis, timeoutMs, clock) };
}

describe("impatient()", () => {
  test("hands on what Redis answers, and leaves no timer", async () => {
    const { clock, answers, patient } = setUp();
    const answer = patient.send(["PING"]);
    answers[0]?.resolve("PONG");
    expect(await answer).toBe("PONG");
    const broken = patient.send(["PONG"]);
    const error = new Error("ERR unknown command");
    answers[1]?.reject(error);
    await expect(broken).rejects.toBe(error);
    expect(clock.pending).toBe(0);
    expect(patient.isReady()).toBe(true);
  });

  test("sends nothing without a connection", async () => {
    let sent = 0;
    const redis: Redis = { send: async () => sent++, isReady: () => false };
    await expect(impatient(redis, 5).send(["PING"])).rejects.toThrow("there is no connection to Redis");
    expect(sent).toBe(0);
  });

  test("gives up after its time, and asks again a second later", async () => {
    const { clock, answers, patient } = setUp();
    const silent = patient.send(["PING"]);
    await Promise.all([
      expect(silent).rejects.toThrow("no answer from Redis within 5 ms"),
      clock.advance(5).then(settle),
    ]);
    expect(patient.isReady()).toBe(false);
    await clock.advance(999);
    await expect(patient.send(["PING"])).rejects.toThrow("no connection");
    expect(answers).toHaveLength(1);
    await clock.advance(1);
    const answer = patient.send(["PING"]);
    answers[1]?.resolve("PONG");
    expect(await answer).toBe("PONG");
    // What comes too late is nobody's.
    answers[0]?.reject(new Error("closed"));
  });

  test("counts an answer that lay in the socket when the timer fired", async () => {
    const { clock, answers, patient } = setUp();
    let fire = (): void => {};
    clock.after = (_, callback) => {
      fire = callback;
      return () => {};
    };
    const answer = patient.send(["PING"]);
    fire();
    answers[0]?.resolve("PONG");
    expect(await answer).toBe("PONG");
    await settle();
    expect(patient.isReady()).toBe(true);
  });

  test("takes a timer that is late for its own fault, once", async () => {
    let now = 0;
    const { clock, patient } = setUp();
    clock.now = () => now;
    let failed = false;
    patient.send(["PING"]).catch(() => {
      failed = true;
    });
    now = 50;
    await clock.advance(5);
    await settle();
    expect(failed).toBe(false);
    now = 100;
    await clock.advance(5);
    await settle();
    expect(failed).toBe(true);
  });

  test("asks again when the clock is set back", async () => {
    const { clock, patient } = setUp();
    patient.send(["PING"]).catch(() => {});
    await clock.advance(5);
    await settle();
    expect(patient.isReady()).toBe(false);
    clock.now = () => 0;
    expect(patient.isReady()).toBe(true);
  });
});
