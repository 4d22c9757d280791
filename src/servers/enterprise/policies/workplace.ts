import type { Policy } from "./policy.js";

export const WORKPLACE_POLICIES: readonly Policy[] = [
  {
    id: "remote-work",
    title: "Remote Work Policy",
    category: "workplace",
    owner: "Human Resources",
    updated: "2026-09-15",
    body: `
## Who may work remotely

Every employee whose role does not need a person on site may work from home up to three days a week after the first month. People hired with the location "Remote" work away from an office all the time. Managers and teams agree on shared office days; disagreements go to the HR business partner.

## Remote access and VPN

VPN is required for all remote access to company systems, without exception for role or seniority. Use the Tallgrass VPN client that IT installs on every laptop and sign in with multi-factor authentication (MFA) through the authenticator app or a hardware key. Text message codes are not accepted. Never use public Wi-Fi in hotels, airports or cafés without the VPN switched on first, and prefer your phone's hotspot. Sessions end after twelve hours and ask for MFA again.

## Core hours and availability

Remote workers are reachable during core hours, 10:00 to 15:00 in their own time zone, and keep their calendar up to date. Outside core hours you choose your own schedule, as long as a 40-hour week and the legal rest periods are kept.

## Home office and equipment

The company provides a laptop, a screen and a headset. A one-time stipend of 600 EUR covers a desk, a chair or lighting, and 35 EUR a month is paid toward internet costs.

## Working abroad

Working abroad is possible for up to 30 days a year with approval from Human Resources, since tax and insurance rules differ. Ask at least three weeks ahead and name the country, the dates and the address. Countries on the security list are excluded from working abroad. Days on a business trip follow the travel policy and do not count.

## History

Since 15 September 2026, working abroad is limited to 30 days a year instead of 20, and approved by Human Resources instead of the manager. Since 2 February 2026, text message codes are no longer accepted for the VPN.`,
  },
  {
    id: "working-hours",
    title: "Overtime and Timesheet Policy",
    category: "workplace",
    owner: "Finance",
    updated: "2026-06-02",
    body: `
## Recording time

Project staff record their hours every working day and submit the week by Monday at noon. Each entry names a project, an activity and the hours in quarter-hour steps. Managers approve or reject entries within three working days, and a rejected entry goes back with a reason. Vacation and sickness are not recorded here but in the leave calendar.

## Normal hours

Full-time work is 40 hours a week. No one is expected to work on weekends unless they are on call or have agreed to a release window beforehand. Local law on breaks and rest takes precedence over everything on this page.

## Overtime

Overtime needs approval from your manager before it is worked, except in a declared incident. It is paid back as time off at one and a half times the extra hours, taken within three months. If time off is not possible, payroll pays it out with the next salary. More than ten hours of overtime in a month starts a talk with Human Resources about workload, not a bonus.`,
  },
  {
    id: "health-and-safety",
    title: "Health and Safety Policy",
    category: "workplace",
    owner: "Operations",
    updated: "2026-02-18",
    body: `
## Shared duty

The company keeps its offices safe, and everyone who enters them helps by reporting hazards at once. Each office has a safety officer, named on the notice board beside the kitchen, who inspects the floors every month and keeps a list of open findings.

## Fire and first aid

Evacuation drills take place twice a year and everybody on site takes part. At least four people per floor hold a valid first aid certificate, and the company pays for the course. Defibrillators hang next to the main exit. After any evacuation, wait at the assembly point until the safety officer has counted all staff and visitors.

## Ergonomics

Adjustable desks are standard. Ask facilities for an ergonomic review if you feel pain in your back, wrists or eyes; a specialist visits or calls within two weeks, and the company buys what is recommended. The review covers home offices too.

## Accidents

Report every accident within 24 hours to facilities, however small it looks. The safety officer records it, finds the cause and writes to the people concerned about what will change.`,
  },
  {
    id: "physical-access",
    title: "Physical Access Policy",
    category: "workplace",
    owner: "Operations",
    updated: "2025-11-20",
    body: `
## Badges

A personal badge opens the offices in which you work, on weekdays from 6:00 to 22:00. Wear it where others can see it and never lend it. A lost badge is reported to facilities immediately, day or night, and is blocked within fifteen minutes; a replacement costs nothing.

## Restricted rooms

Server rooms, the payroll archive and the executive floor need an extra permission, which the owner of the room grants and reviews each quarter. Doors to these rooms record who enters. Holding such a door open for somebody else counts as a security incident.

## Evenings and weekends

Access outside the usual hours is possible on request. Tell facilities at least four hours ahead, so that alarm systems and heating can be adjusted. People who work alone at night check in with the building guard by phone.

## Leaving

Badges are handed in on the last working day. Contractors receive badges that end by themselves with their contract.`,
  },
  {
    id: "visitors",
    title: "Visitor Policy",
    category: "workplace",
    owner: "Operations",
    updated: "2025-12-09",
    body: `
## Before the visit

Announce guests in the visitor tool no later than the day before, with name, company and reason. Candidates for interviews are announced by recruiting. Groups of more than ten people need the approval of the office lead, as seating and fire limits apply.

## During the visit

Reception checks an identity document, prints a badge with the date, and asks the guest to accept the confidentiality notice. The host collects the guest in person and stays with them the whole time, except in meeting rooms on the ground floor. Photographs of screens, whiteboards and warehouses are not allowed.

## Network for guests

Guests use the separate guest Wi-Fi, which reaches the internet only. Do not plug a visitor's device into the wired network, a docking station or a printer.

## Deliveries and family

Couriers wait at reception. Family members are welcome in the kitchen and lounge areas after 16:00, and parents remain responsible for their children. Visitor records are deleted after 90 days.`,
  },
  {
    id: "sustainability",
    title: "Sustainability Policy",
    category: "workplace",
    owner: "Operations",
    updated: "2026-04-22",
    body: `
## Our aim

Tallgrass wants to halve its emissions per employee by 2030, counted from the base year 2022. The largest shares come from cloud computing, flights and office energy, so this is where we act first. Operations publishes the figures every May in plain numbers, including what went wrong.

## Offices and devices

All offices buy renewable electricity where the landlord permits it. Heating is limited to 21 degrees. Laptops serve four years instead of three, and after that they are refurbished and donated to schools. Single-use cups are not bought.

## Travel and cloud

A train journey of up to six hours replaces the flight. Teams review idle cloud resources monthly, and test environments shut down at night. Product managers include expected energy use when they choose where a large workload will run.

## Suppliers

Contracts above 100,000 EUR a year ask the supplier for a climate report. Two volunteering days a year may be spent on environmental projects, in addition to vacation.`,
  },
];
