import { BatonError } from "../../core/errors.js";

/**
 * The user's own Redis client, as far as it is needed here: one of `ioredis` (`new Redis()`), or one of `redis`
 * (`createClient()`). Connecting, retrying and closing it stay with the user.
 */
export type RedisClient = IoRedisLike | NodeRedisLike;

interface IoRedisLike {
  readonly status: string;
  call(command: string, ...args: string[]): Promise<unknown>;
}

interface NodeRedisLike {
  readonly isReady: boolean;
  sendCommand(args: readonly string[]): Promise<unknown>;
}

/** One way to talk to either client. */
export interface Redis {
  /** Sends one command, as in `["GET", "key"]`. Rejects as the client does. */
  send(args: readonly string[]): Promise<unknown>;
  /** False while there is no connection: a command would wait in the client's own queue. */
  isReady(): boolean;
}

/**
 * Makes either client speak one language.
 *
 * @throws {BatonError} `CONFIG_INVALID` when it is neither
 */
export function toRedis(client: RedisClient): Redis {
  if (isIoRedis(client)) {
    return {
      send: ([command = "", ...args]) => client.call(command, ...args),
      isReady: () => client.status === "ready",
    };
  }
  if (isNodeRedis(client)) {
    return {
      send: (args) => client.sendCommand(args),
      isReady: () => client.isReady,
    };
  }
  throw new BatonError(
    "CONFIG_INVALID",
    "this is no Redis client: hand over one of 'ioredis' (new Redis()) or of 'redis' (createClient())",
  );
}

function isIoRedis(client: unknown): client is IoRedisLike {
  const { status, call } = (client ?? {}) as Partial<IoRedisLike>;
  return typeof status === "string" && typeof call === "function";
}

function isNodeRedis(client: unknown): client is NodeRedisLike {
  const { isReady, sendCommand } = (client ?? {}) as Partial<NodeRedisLike>;
  return typeof isReady === "boolean" && typeof sendCommand === "function";
}
