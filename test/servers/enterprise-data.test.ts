import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite, { type Database } from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isWeekday } from "../../src/servers/enterprise/data/dates.js";
import { defaultDatabasePath, openDatabase } from "../../src/servers/enterprise/database.js";
import { DATA_VERSION } from "../../src/servers/enterprise/generate.js";

const TABLES = ["employees", "departments", "projects", "timesheets", "policies", "passages"];

let database: Database;
let folder: string;

beforeAll(() => {
  database = openDatabase(":memory:");
  folder = mkdtempSync(join(tmpdir(), "enterprise-"));
});

afterAll(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

const number = (sql: string) => database.prepare<[], number>(sql).pluck().get() as number;
const column = (sql: string) => database.prepare<[], string>(sql).pluck().all();

function hashOf(source: Database): string {
  const hash = createHash("sha256");
  for (const table of TABLES) {
    hash.update(table);
    for (const row of source.prepare(`SELECT rowid, * FROM ${table}`).iterate())
      hash.update(JSON.stringify(row));
  }
  return hash.digest("hex").slice(0, 16);
}

describe("the generated data", () => {
  it("has the promised counts", () => {
    const counts = TABLES.slice(0, 4).map((table) => number(`SELECT count(*) FROM ${table}`));
    expect(counts).toEqual([342, 12, 67, 15_420]);
    expect(number("SELECT count(*) FROM employees WHERE department = 'Engineering'")).toBe(128);
    expect(number("SELECT count(*) FROM policies")).toBeGreaterThanOrEqual(40);
  });

  it("is the same at every generation, and another only under another version", () => {
    const again = openDatabase(":memory:");
    expect(hashOf(again)).toBe(hashOf(database));
    again.close();
    // A new hash here needs a new DATA_VERSION, or files of the old data stay in use.
    expect({ version: DATA_VERSION, hash: hashOf(database) }).toEqual({
      version: 4,
      hash: "f0dcc8c489a84acd",
    });
  });

  it("holds together", () => {
    expect(database.pragma("foreign_key_check")).toEqual([]);
    expect(column("SELECT name FROM employees WHERE manager_id IS NULL")).toHaveLength(1);
    expect(number("SELECT count(*) FROM employees WHERE manager_id = id")).toBe(0);
    expect(number("SELECT count(DISTINCT email) FROM employees")).toBe(342);
    expect(number("SELECT count(*) FROM projects WHERE start_date >= end_date")).toBe(0);
    expect(
      number(`SELECT count(*) FROM timesheets t JOIN employees e ON e.id = t.employee_id
        JOIN projects p ON p.id = t.project_id WHERE t.date < e.hire_date OR t.date < p.start_date`),
    ).toBe(0);
  });

  it("has sane hours, on weekdays only", () => {
    expect(number("SELECT min(hours) FROM timesheets")).toBeGreaterThan(0);
    expect(
      number("SELECT max(day) FROM (SELECT sum(hours) AS day FROM timesheets GROUP BY employee_id, date)"),
    ).toBeLessThanOrEqual(10);
    expect(column("SELECT DISTINCT date FROM timesheets").filter((date) => !isWeekday(date))).toEqual([]);
  });

  it("has policies of 120 to 350 words in several sections, with no sentence twice", () => {
    const bodies = column("SELECT body FROM policies");
    for (const body of bodies) {
      const words = body.split(/\s+/).length;
      expect(words, body).toBeGreaterThanOrEqual(120);
      expect(words, body).toBeLessThanOrEqual(350);
      expect(body.match(/^## /gm)?.length).toBeGreaterThanOrEqual(3);
    }
    const sentences = bodies
      .flatMap((body) => body.split(/(?<=[.?!])\s+/))
      .filter((text) => text.length > 40);
    expect(new Set(sentences).size).toBe(sentences.length);
  });

  it("can only be read", () => {
    expect(() => database.exec("DELETE FROM employees")).toThrow(/readonly/);
  });
});

describe("openDatabase()", () => {
  it("writes a file once and leaves nothing else behind", () => {
    const path = join(folder, "new", "enterprise.db");
    openDatabase(path).close();
    const reopened = openDatabase(path);
    expect(hashOf(reopened)).toBe(hashOf(database));
    expect(() => reopened.exec("DELETE FROM employees")).toThrow(/readonly/);
    reopened.close();
    expect(readdirSync(join(folder, "new"))).toEqual(["enterprise.db"]);
  });

  it("writes a file of another version anew", () => {
    const path = join(folder, "old.db");
    openDatabase(path).close();
    const writer = new Sqlite(path);
    writer.exec("DELETE FROM timesheets");
    writer.pragma(`user_version = ${DATA_VERSION + 1}`);
    writer.close();
    const renewed = openDatabase(path);
    expect(hashOf(renewed)).toBe(hashOf(database));
    renewed.close();
  });

  it("never overwrites what is not its own", () => {
    const other = join(folder, "other.db");
    new Sqlite(other).exec("CREATE TABLE precious (id)").close();
    expect(() => openDatabase(other)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
    const text = join(folder, "notes.txt");
    writeFileSync(text, "not a database, but long enough to be read as one ".repeat(50));
    expect(() => openDatabase(text)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });

  it("says which file it cannot write", () => {
    const path = join(folder, "notes.txt", "below", "enterprise.db");
    expect(() => openDatabase(path)).toThrow(expect.objectContaining({ code: "STORE" }));
  });
});

describe("defaultDatabasePath()", () => {
  it("follows XDG_CACHE_HOME", () => {
    expect(defaultDatabasePath({ XDG_CACHE_HOME: "/cache" })).toBe("/cache/langbaton/enterprise.db");
    expect(defaultDatabasePath({})).toMatch(/\.cache\/langbaton\/enterprise\.db$/);
  });
});
