/** The day on which the data stands still. */
export const REFERENCE_DATE = "2026-10-31";

/** The fiscal quarter that the timesheets cover. */
export const QUARTER = { name: "FY26 Q3", start: "2026-08-03", end: "2026-10-30" } as const;

export const OFFICES = [
  { name: "Lisbon", country: "Portugal", timeZone: "Europe/Lisbon", headquarters: true },
  { name: "Berlin", country: "Germany", timeZone: "Europe/Berlin", headquarters: false },
  { name: "Toronto", country: "Canada", timeZone: "America/Toronto", headquarters: false },
  { name: "Austin", country: "United States", timeZone: "America/Chicago", headquarters: false },
  { name: "Singapore", country: "Singapore", timeZone: "Asia/Singapore", headquarters: false },
] as const;

export const LOCATIONS = [...OFFICES.map((office) => office.name), "Remote"] as const;

export type Location = (typeof LOCATIONS)[number];

export const COMPANY = {
  name: "Tallgrass Systems",
  legalName: "Tallgrass Systems, Lda.",
  business: "Inventory planning and warehouse software for mid-sized retailers",
  founded: "2011-03-14",
  domain: "tallgrass.example",
  currency: "EUR",
  fiscalYear: {
    name: "FY26",
    start: "2026-02-01",
    end: "2027-01-31",
    currentQuarter: QUARTER.name,
  },
  workingHours: {
    coreHours: "10:00-15:00 local time, Monday to Friday",
    weeklyHours: 40,
  },
  contacts: {
    itHelpDesk: "helpdesk@tallgrass.example, chat channel #help-it",
    security: "security@tallgrass.example, chat channel #security, phone extension 4911",
    humanResources: "people@tallgrass.example, chat channel #help-hr",
    payroll: "payroll@tallgrass.example",
    ethicsLine: "ethics@tallgrass.example, anonymous web form in the company portal",
    facilities: "facilities@tallgrass.example, chat channel #help-office",
  },
} as const;

export interface Department {
  readonly name: string;
  readonly code: string;
  readonly headcount: number;
  readonly headTitle: string;
  readonly location: Location;
  /** For the fiscal year, in EUR. */
  readonly annualBudget: number;
  /** What its people do below management; a level word such as "Senior" goes in front. */
  readonly roles: readonly string[];
}

/** Headcounts add up to 342, and Engineering has 128: tests and docs rely on both. */
export const DEPARTMENTS = [
  {
    name: "Engineering",
    code: "ENG",
    headcount: 128,
    headTitle: "Chief Technology Officer",
    location: "Lisbon",
    annualBudget: 16_900_000,
    roles: [
      "Backend Engineer",
      "Backend Engineer",
      "Backend Engineer",
      "Frontend Engineer",
      "Frontend Engineer",
      "Mobile Engineer",
      "Quality Engineer",
      "Site Reliability Engineer",
      "Platform Engineer",
      "Security Engineer",
    ],
  },
  {
    name: "Product",
    code: "PRD",
    headcount: 24,
    headTitle: "Chief Product Officer",
    location: "Lisbon",
    annualBudget: 3_300_000,
    roles: ["Product Manager", "Product Manager", "Technical Writer", "Product Operations Specialist"],
  },
  {
    name: "Design",
    code: "DSN",
    headcount: 16,
    headTitle: "Vice President of Design",
    location: "Berlin",
    annualBudget: 1_850_000,
    roles: ["Product Designer", "Product Designer", "User Researcher", "Content Designer"],
  },
  {
    name: "Data",
    code: "DAT",
    headcount: 22,
    headTitle: "Vice President of Data",
    location: "Toronto",
    annualBudget: 3_050_000,
    roles: ["Data Engineer", "Data Scientist", "Data Analyst", "Machine Learning Engineer"],
  },
  {
    name: "Sales",
    code: "SAL",
    headcount: 42,
    headTitle: "Chief Revenue Officer",
    location: "Austin",
    annualBudget: 5_600_000,
    roles: ["Account Executive", "Account Executive", "Sales Development Representative", "Sales Engineer"],
  },
  {
    name: "Marketing",
    code: "MKT",
    headcount: 22,
    headTitle: "Vice President of Marketing",
    location: "Austin",
    annualBudget: 3_400_000,
    roles: ["Marketing Specialist", "Content Strategist", "Campaign Analyst", "Events Coordinator"],
  },
  {
    name: "Customer Success",
    code: "CUS",
    headcount: 30,
    headTitle: "Vice President of Customer Success",
    location: "Toronto",
    annualBudget: 3_150_000,
    roles: [
      "Customer Success Specialist",
      "Support Engineer",
      "Support Engineer",
      "Implementation Consultant",
    ],
  },
  {
    name: "Finance",
    code: "FIN",
    headcount: 14,
    headTitle: "Chief Financial Officer",
    location: "Lisbon",
    annualBudget: 1_500_000,
    roles: ["Accountant", "Financial Analyst", "Payroll Specialist", "Procurement Specialist"],
  },
  {
    name: "Human Resources",
    code: "HRS",
    headcount: 12,
    headTitle: "Chief People Officer",
    location: "Lisbon",
    annualBudget: 1_250_000,
    roles: ["HR Business Partner", "Recruiter", "Recruiter", "Learning Specialist"],
  },
  {
    name: "Legal",
    code: "LEG",
    headcount: 7,
    headTitle: "General Counsel",
    location: "Berlin",
    annualBudget: 1_100_000,
    roles: ["Legal Counsel", "Contracts Specialist", "Privacy Specialist"],
  },
  {
    name: "IT",
    code: "ITS",
    headcount: 13,
    headTitle: "Director of IT",
    location: "Lisbon",
    annualBudget: 1_950_000,
    roles: ["Systems Administrator", "Network Engineer", "IT Support Specialist", "IT Support Specialist"],
  },
  {
    name: "Operations",
    code: "OPS",
    headcount: 12,
    headTitle: "Chief Operating Officer",
    location: "Lisbon",
    annualBudget: 1_400_000,
    roles: ["Operations Analyst", "Office Coordinator", "Facilities Specialist", "Program Coordinator"],
  },
] as const satisfies readonly Department[];

export type DepartmentName = (typeof DEPARTMENTS)[number]["name"];

export const DEPARTMENT_NAMES: readonly DepartmentName[] = DEPARTMENTS.map((department) => department.name);
