import { type DepartmentName, REFERENCE_DATE } from "./company.js";
import { addDays, daysBetween, nextWeekday } from "./dates.js";
import type { Employee } from "./employees.js";
import type { Random } from "./random.js";

export const PROJECT_STATUSES = ["planned", "active", "on_hold", "completed", "cancelled"] as const;

export const PRIORITIES = ["low", "medium", "high", "critical"] as const;

export type ProjectStatus = (typeof PROJECT_STATUSES)[number];

export interface Project {
  readonly id: number;
  readonly name: string;
  readonly department: string;
  readonly status: ProjectStatus;
  readonly priority: (typeof PRIORITIES)[number];
  /** EUR over the whole project, for everything but salaries. */
  readonly budget: number;
  readonly spent: number;
  readonly startDate: string;
  /** Planned, or real once the project is completed or cancelled. */
  readonly endDate: string;
  readonly leadId: number;
}

/** The first of each department is its long-running one: there is always work to record time on. */
const PROJECT_NAMES: Readonly<Record<DepartmentName, readonly string[]>> = {
  Engineering: [
    "Planning Engine 5",
    "Warehouse Mobile App",
    "Event Bus Migration",
    "Order Service Split",
    "Search Rebuild",
    "Zero-Downtime Deploys",
    "Multi-Region Failover",
    "Supplier API v3",
    "Barcode Scanner SDK",
    "Checkout Latency Program",
    "Test Flakiness Clean-Up",
    "Kubernetes Upgrade 2026",
    "Feature Flag Service",
    "Single Sign-On for Customers",
    "Tracing Everywhere",
    "Postgres 17 Migration",
    "Offline Picking",
    "Permissions Redesign",
    "Webhook Delivery",
    "Frontend Build Speed",
    "Returns Module",
    "Slotting Optimizer",
    "Secrets Rotation",
    "Legacy Importer Retirement",
  ],
  Product: [
    "Roadmap Discovery 2027",
    "Replenishment Insights",
    "Self-Service Onboarding",
    "Pricing and Packaging",
    "Partner Marketplace",
    "In-App Guides",
    "Localization Wave 2",
    "Documentation Portal",
  ],
  Design: ["Design System 3", "Accessibility Audit", "Warehouse Field Study", "Dashboard Refresh"],
  Data: [
    "Demand Forecast Models",
    "Data Warehouse Consolidation",
    "Metrics Catalog",
    "Anomaly Alerts",
    "Customer Health Score",
    "Experiment Platform",
    "Forecast Explainability",
  ],
  Sales: ["Enterprise Pipeline Program", "CRM Clean-Up", "Nordics Market Entry", "Sales Playbook 2026"],
  Marketing: [
    "Brand Refresh",
    "Retail Summit Lisbon",
    "Website Relaunch",
    "Case Study Series",
    "Partner Co-Marketing",
  ],
  "Customer Success": [
    "Support Desk Modernization",
    "Renewal Early Warning",
    "Implementation Toolkit",
    "Customer Academy",
  ],
  Finance: ["Monthly Close Automation", "Budget Planning FY27", "Expense Tool Rollout"],
  "Human Resources": ["Skills Matrix", "Applicant Tracking Switch"],
  Legal: ["Contract Template Library"],
  IT: ["Device Management Rollout", "Network Refresh Austin", "Identity Provider Upgrade"],
  Operations: ["Lisbon Office Expansion", "Business Continuity Drill"],
};

/** All 67 projects, led by people of the departments that own them. */
export function generateProjects(employees: readonly Employee[], random: Random): Project[] {
  return Object.entries(PROJECT_NAMES)
    .flatMap(([department, names]) => names.map((name, index) => ({ name, department, index })))
    .map(({ name, department, index }, position) => {
      const status = index === 0 ? "active" : randomStatus(random);
      const [startDate, endDate] = period(status, index === 0, random);
      const scale = department === "Engineering" ? 12 : 5;
      const budget = random.integer(scale, scale * 9) * 5000;
      return {
        id: position + 1,
        name,
        department,
        status,
        priority: random.weighted({ low: 15, medium: 45, high: 30, critical: 10 }),
        budget,
        spent: Math.round(budget * shareSpent(status, startDate, endDate, random)),
        startDate,
        endDate,
        leadId: random.pick(leads(department, startDate, employees)).id,
      };
    });
}

const randomStatus = (random: Random): ProjectStatus =>
  random.weighted({ planned: 14, active: 42, on_hold: 9, completed: 29, cancelled: 6 });

function leads(department: string, startDate: string, employees: readonly Employee[]): Employee[] {
  const hired = employees.filter(
    (employee) => employee.department === department && employee.hireDate <= startDate,
  );
  const senior = hired.filter((employee) => !["Junior", "Mid", "Executive"].includes(employee.level));
  return senior.length > 0 ? senior : hired;
}

function period(status: ProjectStatus, longRunning: boolean, random: Random): [string, string] {
  const day = (least: number, most: number) =>
    nextWeekday(addDays(REFERENCE_DATE, random.integer(least, most)));
  switch (status) {
    case "planned":
      return [day(5, 90), day(150, 420)];
    case "active":
      // About one in eight has passed its planned end.
      return [
        longRunning ? day(-420, -150) : day(-360, -30),
        random.chance(0.12) ? day(-25, -4) : day(20, 300),
      ];
    case "on_hold":
      return [day(-400, -200), day(30, 250)];
    case "completed":
      return [day(-620, -330), day(-300, -5)];
    case "cancelled":
      return [day(-500, -330), day(-300, -100)];
  }
}

function shareSpent(status: ProjectStatus, startDate: string, endDate: string, random: Random): number {
  switch (status) {
    case "planned":
      return 0;
    case "active": {
      const elapsed = daysBetween(startDate, REFERENCE_DATE) / daysBetween(startDate, endDate);
      return Math.min(elapsed, 1.05) * (0.8 + random.next() * 0.4);
    }
    case "on_hold":
      return 0.15 + random.next() * 0.4;
    case "completed":
      return 0.82 + random.next() * 0.3;
    case "cancelled":
      return 0.08 + random.next() * 0.35;
  }
}
