import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectInMemory } from "./enterprise-client.js";

let enterprise: Awaited<ReturnType<typeof connectInMemory>>;

beforeAll(async () => {
  enterprise = await connectInMemory();
});

afterAll(() => enterprise.close());

describe("resources", () => {
  async function read(uri: string): Promise<string> {
    const [contents] = (await enterprise.client.readResource({ uri })).contents;
    return contents && "text" in contents ? contents.text : "";
  }

  it("lists the company, the schema, recent logs and all policies", async () => {
    const { resources } = await enterprise.client.listResources();
    expect(resources.map((resource) => resource.uri)).toEqual(
      expect.arrayContaining([
        "config://company",
        "schema://database",
        "logs://app/2026-10-31",
        "policy://vacation",
      ]),
    );
  });

  it("describes the company and its schema, without salaries", async () => {
    expect(JSON.parse(await read("config://company"))).toMatchObject({ employees: 342 });
    const schema = JSON.parse(await read("schema://database"));
    expect(schema.tables.map(({ name, rows }: { name: string; rows: number }) => [name, rows])).toEqual([
      ["employees", 342],
      ["departments", 12],
      ["projects", 67],
      ["timesheets", 15_420],
    ]);
    expect(JSON.stringify(schema)).not.toContain("salary");
  });

  it("reads a day's log, always the same", async () => {
    const log = await read("logs://app/2026-10-30");
    expect(log).toMatch(/^2026-10-30T\d\d:\d\d:\d\d\.\d{3}Z (INFO|WARN|ERROR) /);
    expect(await read("logs://app/2026-10-30")).toBe(log);
  });

  it.each(["2026-10-01", "2026-11-01", "2026-10-32", "today", "..%2F..%2Fetc"])(
    "has no log for %s",
    async (date) => {
      await expect(read(`logs://app/${date}`)).rejects.toThrow(/logs are kept from 2026-10-02 to 2026-10-31/);
    },
  );

  it("reads a policy, and says what to do when there is none", async () => {
    expect(await read("policy://remote-work")).toMatch(/^# Remote Work Policy\n/);
    await expect(read("policy://magic")).rejects.toThrow(/no policy 'magic'/);
  });

  it("completes days and policy ids", async () => {
    const days = await enterprise.client.complete({
      ref: { type: "ref/resource", uri: "logs://app/{date}" },
      argument: { name: "date", value: "2026-10-3" },
    });
    expect(days.completion.values).toEqual(["2026-10-31", "2026-10-30"]);
  });
});

describe("data_analyst", () => {
  it("embeds the schema and asks the question", async () => {
    const { messages } = await enterprise.client.getPrompt({
      name: "data_analyst",
      arguments: { question: "How large are we?", department: "Legal" },
    });
    expect(messages.map((message) => message.content)).toMatchObject([
      { type: "resource", resource: { uri: "schema://database" } },
      {
        type: "text",
        text: expect.stringMatching(/Department: Legal\.(.|\n)*Question: How large are we\?$/),
      },
    ]);
  });

  it("completes the department", async () => {
    const { completion } = await enterprise.client.complete({
      ref: { type: "ref/prompt", name: "data_analyst" },
      argument: { name: "department", value: "e" },
    });
    expect(completion.values).toEqual(["Engineering"]);
  });
});
