import {
  COMPANY,
  DEPARTMENTS,
  type Department,
  LOCATIONS,
  type Location,
  REFERENCE_DATE,
} from "./company.js";
import { addDays, daysBetween, nextWeekday } from "./dates.js";
import { FIRST_NAMES, LAST_NAMES } from "./names.js";
import type { Random } from "./random.js";

export const LEVELS = [
  "Junior",
  "Mid",
  "Senior",
  "Staff",
  "Principal",
  "Manager",
  "Director",
  "Executive",
] as const;

export type Level = (typeof LEVELS)[number];

export const EMPLOYEE_STATUSES = ["active", "on_leave", "notice_period"] as const;

export interface Employee {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly title: string;
  readonly department: string;
  readonly level: Level;
  readonly location: Location;
  readonly status: (typeof EMPLOYEE_STATUSES)[number];
  readonly hireDate: string;
  /** Null for the chief executive alone. */
  readonly managerId: number | null;
  /** EUR a year; never leaves the database. */
  readonly salary: number;
}

type Draft = Omit<Employee, "id" | "managerId"> & { readonly manager: Draft | null };

/** Lowest and highest salary of each level, in thousand EUR a year. */
const SALARY_BANDS: Readonly<Record<Level, readonly [number, number]>> = {
  Junior: [34, 46],
  Mid: [45, 62],
  Senior: [60, 84],
  Staff: [80, 104],
  Principal: [98, 126],
  Manager: [78, 108],
  Director: [112, 148],
  Executive: [150, 215],
};

/** How long ago people of a level joined, in days. */
const TENURE: Readonly<Record<Level, readonly [number, number]>> = {
  Junior: [15, 800],
  Mid: [30, 1900],
  Senior: [60, 3400],
  Staff: [500, 4200],
  Principal: [900, 4900],
  Manager: [400, 4300],
  Director: [900, 4800],
  Executive: [1200, 5500],
};

/** Everybody who works at the company, numbered in the order in which they joined. */
export function generateEmployees(random: Random): Employee[] {
  const hire = createHiring(random);
  const chief = hire("Operations", "Lisbon", "Chief Executive Officer", "Executive", null, COMPANY.founded);
  const drafts = DEPARTMENTS.flatMap((department) =>
    department.name === "Operations"
      ? [chief, ...staff(department, department.headcount - 1, chief, hire, random)]
      : staff(department, department.headcount, chief, hire, random),
  );
  // The sort is stable, so that the order of equal days does not depend on the machine.
  drafts.sort((a, b) => a.hireDate.localeCompare(b.hireDate, "en"));
  const ids = new Map(drafts.map((draft, index) => [draft, index + 1]));
  return drafts.map(({ manager, ...draft }, index) => ({
    id: index + 1,
    ...draft,
    managerId: manager === null ? null : (ids.get(manager) ?? null),
  }));
}

type Hire = ReturnType<typeof createHiring>;

function createHiring(random: Random) {
  const taken = new Set<string>();

  function uniqueName(): string {
    const name = `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}`;
    if (taken.has(name)) return uniqueName();
    taken.add(name);
    return name;
  }

  return function hire(
    department: string,
    location: Location,
    title: string,
    level: Level,
    manager: Draft | null,
    hireDate = hireDateOf(level, random),
  ): Draft {
    const name = uniqueName();
    const [low, high] = SALARY_BANDS[level];
    return {
      name,
      email: emailOf(name),
      title,
      department,
      level,
      location,
      status:
        level === "Executive" ? "active" : random.weighted({ active: 94, on_leave: 4, notice_period: 2 }),
      hireDate,
      manager,
      salary: random.integer(low * 2, high * 2) * 500,
    };
  };
}

/** A head, directors in a large department, a manager for about eight people, and the people themselves. */
function staff(department: Department, headcount: number, chief: Draft, hire: Hire, random: Random): Draft[] {
  const { name, headTitle } = department;
  const headLevel = headTitle.startsWith("Director") ? "Director" : "Executive";
  const head = hire(name, department.location, headTitle, headLevel, chief);
  const directors = Array.from({ length: headcount > 40 ? Math.round(headcount / 32) : 0 }, () =>
    hire(name, locationIn(department, random), `Director of ${name}`, "Director", head),
  );
  const managers = Array.from({ length: headcount >= 10 ? Math.round(headcount / 9) : 0 }, () =>
    hire(name, locationIn(department, random), `Manager, ${name}`, "Manager", oneOf(directors, head, random)),
  );
  const others = headcount - 1 - directors.length - managers.length;
  const people = Array.from({ length: others }, () => {
    const level = random.weighted({ Junior: 18, Mid: 36, Senior: 32, Staff: 10, Principal: 4 });
    const title =
      level === "Mid" ? random.pick(department.roles) : `${level} ${random.pick(department.roles)}`;
    return hire(name, locationIn(department, random), title, level, oneOf(managers, head, random));
  });
  return [head, ...directors, ...managers, ...people];
}

const oneOf = (candidates: readonly Draft[], otherwise: Draft, random: Random): Draft =>
  candidates.length === 0 ? otherwise : random.pick(candidates);

function locationIn(department: Department, random: Random): Location {
  return random.chance(0.4) ? department.location : random.pick(LOCATIONS);
}

function hireDateOf(level: Level, random: Random): string {
  const [least, most] = TENURE[level];
  // Squared, so that recent years have more hires, as in a company that grows.
  const days = least + Math.floor(random.next() ** 2 * (most - least));
  return nextWeekday(
    addDays(REFERENCE_DATE, -Math.min(days, daysBetween(COMPANY.founded, REFERENCE_DATE) - 1)),
  );
}

function emailOf(name: string): string {
  const plain = name
    .normalize("NFD")
    .replace(/[^A-Za-z ]/g, "")
    .toLowerCase();
  return `${plain.replace(" ", ".")}@${COMPANY.domain}`;
}
