import { createHmac, randomBytes } from "node:crypto";
import type { Call, Caller } from "../core/call.js";
import { BatonError } from "../core/errors.js";
import type { Result } from "../core/result.js";
import { secretBag } from "./config/secrets.js";
import { Server, type ServerOptions } from "./server.js";
import type { HttpConfig, ServerConfig } from "./server-config.js";

/** For whom servers are used, and the credentials of that one. */
export interface Scope {
  /**
   * Set on every call that tools of this scope make. One with headers and neither a user nor a tenant counts as a user of
   * its own, so that what keeps answers keeps them apart.
   */
  readonly caller?: Caller;
  /** HTTP headers by server name; they win over the configured ones, without regard to case. */
  readonly headers?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Handles that differ from the configured ones in their headers alone, shared by the scopes that use them. */
interface Pool {
  readonly handles: Map<string, { readonly server: Server; users: number }>;
  closed: boolean;
}

/** The connected servers, by name, in the order of the configuration. */
export class Servers {
  /** For whom these handles are; undefined outside of a scope. */
  readonly caller: Caller | undefined;
  readonly #byName: ReadonlyMap<string, Server>;
  readonly #options: ServerOptions;
  readonly #pool: Pool;
  readonly #close: () => Promise<void>;

  /** What this scope holds in the pool; nothing outside of a scope. */
  readonly #keys: readonly string[];

  private constructor(parts: {
    readonly byName: ReadonlyMap<string, Server>;
    readonly options: ServerOptions;
    readonly pool: Pool;
    readonly keys: readonly string[];
    readonly caller: Caller | undefined;
    readonly close: () => Promise<void>;
  }) {
    this.#byName = parts.byName;
    this.#options = parts.options;
    this.#pool = parts.pool;
    this.#keys = parts.keys;
    this.caller = parts.caller;
    this.#close = parts.close;
  }

  /**
   * Handles for these servers; none is connected yet.
   *
   * @throws {BatonError} `CONFIG_INVALID` when two have one name, or one has a dot in it
   */
  static of(configs: readonly ServerConfig[], options: ServerOptions = {}): Servers {
    const byName = new Map<string, Server>();
    for (const config of configs) {
      if (config.name === "" || config.name.includes(".")) {
        const problem = `a server cannot have the name ${JSON.stringify(config.name)}: give it one without a dot, which divides server and tool`;
        throw new BatonError("CONFIG_INVALID", problem, { data: { server: config.name } });
      }
      if (byName.has(config.name)) {
        const problem = `two servers have the name '${config.name}': rename one`;
        throw new BatonError("CONFIG_INVALID", problem, { data: { server: config.name } });
      }
      byName.set(config.name, new Server(config, options));
    }
    const pool: Pool = { handles: new Map(), closed: false };
    const close = async (): Promise<void> => {
      pool.closed = true;
      const all = [...byName.values(), ...[...pool.handles.values()].map((entry) => entry.server)];
      await Promise.all(all.map((server) => server.close()));
    };
    return new Servers({ byName, options, pool, keys: [], caller: undefined, close });
  }

  get names(): readonly string[] {
    return [...this.#byName.keys()];
  }

  /** Why servers are down, for those that are. */
  get failures(): readonly BatonError[] {
    return [...this].flatMap((server) => server.error ?? []);
  }

  /** @throws {BatonError} `NOT_CONNECTED` when no server has this name */
  get(name: string): Server {
    const server = this.#byName.get(name);
    if (server) return server;
    const known = this.names.length > 0 ? this.names.map((each) => `'${each}'`).join(", ") : "none";
    throw new BatonError("NOT_CONNECTED", `there is no server '${name}'; there are: ${known}`, {
      data: { server: name, known: this.names },
    });
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  [Symbol.iterator](): Iterator<Server> {
    return this.#byName.values();
  }

  /** Sends a call to the server that it names: the inner end of a middleware stack over all servers. */
  async call(call: Call): Promise<Result> {
    return this.get(call.server).call(call);
  }

  /**
   * The same servers for one user or tenant. Servers with headers of their own get connections, sessions and
   * lists of their own, one per set of headers however many calls are made; the rest is shared. Nothing of one
   * scope reaches another's tools. Close the scope when its user has gone.
   *
   * @throws {BatonError} `CONFIG_INVALID` for a server without HTTP, or a header that cannot be sent; `NOT_CONNECTED`
   *   for an unknown server
   */
  for(scope: Scope): Servers {
    // All are checked before the first is counted.
    const configs = Object.entries(scope.headers ?? {}).map(([name, headers]) => {
      return withHeaders(this.get(name).config, headers);
    });
    const byName = new Map(this.#byName);
    // A scope of a scope holds on to what it inherits.
    const keys = [...this.#keys];
    for (const key of keys) {
      const entry = this.#pool.handles.get(key);
      if (entry) entry.users++;
    }
    for (const config of configs) {
      const key = JSON.stringify([config.name, Object.entries(config.headers).sort()]);
      byName.set(config.name, this.#hold(key, config));
      keys.push(key);
    }
    let closed: Promise<void> | undefined;
    const close = (): Promise<void> => {
      closed ??= this.#release(keys);
      return closed;
    };
    const caller = withIdentity(scope.caller ?? this.caller, scope.headers);
    return new Servers({ byName, options: this.#options, pool: this.#pool, keys, caller, close });
  }

  /** Closes every server and resolves when nothing of them is left. A scope closes only what is its own. */
  close(): Promise<void> {
    return this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #hold(key: string, config: ServerConfig): Server {
    const entry = this.#pool.handles.get(key) ?? { server: new Server(config, this.#options), users: 0 };
    this.#pool.handles.set(key, entry);
    if (this.#pool.closed) void entry.server.close();
    entry.users++;
    return entry.server;
  }

  async #release(keys: readonly string[]): Promise<void> {
    await Promise.all(
      keys.map(async (key) => {
        const entry = this.#pool.handles.get(key);
        if (!entry || --entry.users > 0) return;
        this.#pool.handles.delete(key);
        await entry.server.close();
      }),
    );
  }
}

/** Different in each process: no log must tell which credential a scope has. */
const salt = randomBytes(32);

function withIdentity(caller: Caller | undefined, headers: Scope["headers"]): Caller | undefined {
  if (headers === undefined || caller?.user !== undefined || caller?.tenant !== undefined) return caller;
  const sorted = Object.entries(headers).map(([name, each]) => [name, Object.entries(each).sort()]);
  const digest = createHmac("sha256", salt).update(JSON.stringify(sorted.sort())).digest("hex");
  return { ...caller, user: `unnamed ${digest.slice(0, 16)}` };
}

function withHeaders(config: ServerConfig, headers: Readonly<Record<string, string>>): HttpConfig {
  const invalid = (problem: string): BatonError =>
    new BatonError("CONFIG_INVALID", `server '${config.name}': ${problem}`, {
      data: { server: config.name },
    });
  if (config.type === "stdio" || config.type === "custom") {
    throw invalid("headers need a server that is reached over HTTP");
  }
  const merged = new Headers();
  for (const [name, value] of [...Object.entries(config.headers), ...Object.entries(headers)]) {
    try {
      merged.set(name, value);
    } catch {
      // The platform's own message quotes the value, which may be a credential.
      throw invalid(`the header '${name}' has a name or a value that HTTP does not allow`);
    }
  }
  const bag = secretBag();
  for (const [name, value] of Object.entries(headers)) bag.header(name, value);
  const secrets = [...new Set([...config.secrets, ...bag.list()])].sort((a, b) => b.length - a.length);
  return { ...config, headers: Object.fromEntries(merged), secrets };
}
