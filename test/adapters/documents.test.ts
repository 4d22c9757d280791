import { describe, expect, onTestFinished, test } from "vitest";
import { McpResourceLoader, type McpResourceLoaderOptions } from "../../src/adapters/documents.js";
import { failure, open, openAll } from "../support/calls.js";
import { until } from "../support/processes.js";
import { RpcFault, type Script, scripted } from "../support/scripted.js";
import { fixture, program, stdioConfig } from "../support/stdio-fixture.js";

const library: Script = {
  capabilities: { resources: {} },
  methods: {
    "resources/list": () => ({
      resources: [
        { uri: "docs://a/one.md", name: "one", title: "One", mimeType: "text/markdown" },
        { uri: "docs://a/two.md", name: "two" },
        { uri: "logs://app/2026", name: "log" },
        { uri: "img://logo", name: "logo", mimeType: "image/png" },
      ],
    }),
    "resources/templates/list": () => ({
      resourceTemplates: [{ uriTemplate: "logs://{app}/{day}", name: "logs" }],
    }),
    "resources/read": ({ uri }) => {
      if (uri === "img://logo") return { contents: [{ uri, blob: "AAECAw==" }] };
      if (uri === "logs://app/none") throw new RpcFault(-32002, "Resource not found");
      return { contents: [{ uri, text: `Ä ${uri}` }] };
    },
  },
};

function load(options: McpResourceLoaderOptions = {}) {
  return new McpResourceLoader(openAll([scripted("lib", library)]), options).load();
}

const sources = (documents: readonly { metadata: { source: string } }[]) =>
  documents.map((each) => each.metadata.source);

describe("McpResourceLoader", () => {
  test("loads every listed resource, with what is known of it", async () => {
    const [one, two, , logo] = await load();
    expect(one).toMatchObject({
      pageContent: "Ä docs://a/one.md",
      metadata: {
        source: "docs://a/one.md",
        server: "lib",
        mimeType: "text/markdown",
        title: "One",
        size: 18,
      },
    });
    expect(one?.metadata).not.toHaveProperty("encoding");
    expect(two?.metadata).toEqual({ source: "docs://a/two.md", server: "lib", title: "two", size: 18 });
    expect(logo).toMatchObject({
      pageContent: "AAECAw==",
      metadata: { mimeType: "image/png", size: 4, encoding: "base64" },
    });
  });

  test.each<[McpResourceLoaderOptions, string[]]>([
    [{ include: ["docs://**"] }, ["docs://a/one.md", "docs://a/two.md"]],
    [{ include: ["docs://*/one.*", "img://*"] }, ["docs://a/one.md", "img://logo"]],
    [{ exclude: ["docs://**", "img://*"] }, ["logs://app/2026"]],
    [{ include: ["docs://**"], exclude: ["**/two.md"] }, ["docs://a/one.md"]],
    [{ include: ["nothing://*"] }, []],
  ])("%j selects %j", async (options, expected) => {
    expect(sources(await load(options))).toEqual(expected);
  });

  test("reads a template once for each set of variables, and nothing else", async () => {
    const variables = [
      { app: "web", day: "1" },
      { app: "web", day: "2" },
    ];
    const template = "logs://{app}/{day}";
    expect(sources(await load({ template, variables }))).toEqual(["logs://web/1", "logs://web/2"]);
    expect(sources(await load({ template, variables, include: ["img://*"] }))).toEqual([
      "logs://web/1",
      "logs://web/2",
      "img://logo",
    ]);
  });

  test("refuses a template that no server has, and variables that do not fit", async () => {
    const unknown = await failure(load({ template: "x://{y}" }));
    expect(unknown).toMatchObject({ code: "INVALID_ARGUMENTS", data: { known: ["logs://{app}/{day}"] } });
    const missing = await failure(
      load({ template: "logs://{app}/{day}", variables: [{ app: "a", dya: "1" }] }),
    );
    expect(missing).toMatchObject({
      code: "INVALID_ARGUMENTS",
      data: { missing: ["day"], unknown: ["dya"] },
    });
  });

  test("throws for a resource that cannot be read, or skips it when asked to", async () => {
    const options = {
      template: "logs://{app}/{day}",
      variables: [
        { app: "app", day: "none" },
        { app: "app", day: "1" },
      ],
    };
    expect((await failure(load(options))).message).toContain("logs://app/none");
    expect(sources(await load({ ...options, onError: "skip" }))).toEqual(["logs://app/1"]);
  });

  test("lazyLoad() reads ahead, never more than eight at once, and keeps the order", async () => {
    let reading = 0;
    let most = 0;
    const uris = Array.from({ length: 20 }, (_, n) => `r://${n}`);
    const config = scripted("s", {
      capabilities: { resources: {} },
      methods: {
        "resources/list": () => ({ resources: uris.map((uri) => ({ uri, name: uri })) }),
        "resources/read": async ({ uri }) => {
          most = Math.max(most, ++reading);
          // Later ones answer sooner.
          for (let hops = 20 - Number(String(uri).slice(4)); hops > 0; hops--)
            await new Promise(setImmediate);
          reading--;
          return { contents: [{ uri, text: "x" }] };
        },
      },
    });
    const seen: string[] = [];
    for await (const { metadata } of new McpResourceLoader(openAll([config])).lazyLoad())
      seen.push(metadata.source);
    expect(seen).toEqual(uris);
    expect(most).toBe(8);
  });

  test("lazyLoad() that is left early reads no more, and leaves no rejection unhandled", async () => {
    const unhandled: unknown[] = [];
    const listen = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", listen);
    onTestFinished(() => void process.off("unhandledRejection", listen));
    let reads = 0;
    const config = scripted("s", {
      capabilities: { resources: {} },
      methods: {
        "resources/list": () => ({
          resources: Array.from({ length: 30 }, (_, n) => ({ uri: `r://${n}`, name: `${n}` })),
        }),
        "resources/read": ({ uri }) => {
          reads++;
          if (uri !== "r://0") throw new Error("broken");
          return { contents: [{ uri, text: "x" }] };
        },
      },
    });
    for await (const _ of new McpResourceLoader(openAll([config])).lazyLoad()) break;
    await until(() => reads === 8, "what was read ahead has been read");
    await new Promise(setImmediate);
    expect(reads).toBe(8);
    expect(unhandled).toEqual([]);
  });

  test("a signal ends it, also where failures are skipped", async () => {
    const controller = new AbortController();
    const config = scripted("s", {
      capabilities: { resources: {} },
      methods: {
        "resources/list": () => ({ resources: [{ uri: "r://0", name: "0" }] }),
        "resources/read": () => {
          controller.abort();
          return new Promise(() => {});
        },
      },
    });
    const loader = new McpResourceLoader(openAll([config]), { signal: controller.signal, onError: "skip" });
    expect((await failure(loader.load())).code).toBe("CANCELLED");
  });

  test("takes one server as well, and gives all contents of a resource", async () => {
    const server = open(
      scripted("s", {
        capabilities: { resources: {} },
        methods: {
          "resources/list": () => ({ resources: [{ uri: "dir://", name: "dir" }] }),
          "resources/read": () => ({
            contents: [
              { uri: "dir://a", text: "a" },
              { uri: "dir://b", text: "b" },
            ],
          }),
        },
      }),
    );
    expect(sources(await new McpResourceLoader(server).load())).toEqual(["dir://a", "dir://b"]);
  });

  test("a server that is down costs a warning; only when all are is it an error", async () => {
    const dead = (name: string) => fixture(name, { lastWords: "dead" });
    const warnings: string[] = [];
    const onWarning = (warning: string): void => void warnings.push(warning);
    const servers = openAll([dead("bad"), scripted("lib", library)]);
    const listed = await new McpResourceLoader(servers, { include: ["docs://**"], onWarning }).load();
    expect(sources(listed)).toEqual(["docs://a/one.md", "docs://a/two.md"]);
    const template = "logs://{app}/{day}";
    const variables = [{ app: "web", day: "1" }];
    expect(sources(await new McpResourceLoader(servers, { template, variables, onWarning }).load())).toEqual([
      "logs://web/1",
    ]);
    expect(warnings).toEqual([
      expect.stringMatching(/^its resources are left out: .*'bad'/),
      expect.stringMatching(/^its resource templates are left out: .*'bad'/),
    ]);
    const loader = new McpResourceLoader(openAll([dead("first"), dead("second")]), { onWarning });
    expect((await failure(loader.load())).message).toContain("'first'");
  });

  test("loads the resources of the reference server", async () => {
    const servers = openAll([stdioConfig("everything", process.execPath, [program("everything")])]);
    const documents = await new McpResourceLoader(servers).load();
    expect(documents.length).toBeGreaterThan(3);
    expect(
      documents.every(({ pageContent, metadata }) => pageContent !== "" && metadata.server === "everything"),
    ).toBe(true);
  });
});
