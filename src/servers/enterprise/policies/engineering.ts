import type { Policy } from "./policy.js";

export const ENGINEERING_POLICIES: readonly Policy[] = [
  {
    id: "on-call",
    title: "On-Call Policy",
    category: "engineering",
    owner: "Engineering",
    updated: "2026-08-17",
    body: `
## Rotation

Each service has a primary and a secondary engineer on call, for one week from Tuesday to Tuesday. A rotation has at least six people, so that nobody is on call more than one week in six. New engineers shadow two rotations before their first own week. Swaps are made freely in the schedule.

## Response

Pages are acknowledged within 10 minutes during the day and within 15 minutes at night. If there is no answer, the secondary is paged, then the engineering manager. Carry a laptop and a working connection, and stay sober. Every alert links to a runbook; an alert without one may be deleted.

## Pay and rest

On-call weeks are paid with 350 EUR, and public holidays add 90 EUR a day. Work at night is compensated with the same time off on the following day, and at least nine hours of rest follow any page after midnight.

## Health of the rotation

More than two pages at night in a week trigger a review. Fixing noisy alerts takes precedence over features until the rotation is quiet again.`,
  },
  {
    id: "change-management",
    title: "Change Management Policy",
    category: "engineering",
    owner: "Engineering",
    updated: "2026-06-29",
    body: `
## Kinds of change

A standard change is small, tested and reversible; it ships through the pipeline after code review, at any hour. A significant change alters data, contracts with customers or several services, and needs a written plan. An emergency change repairs an incident, and its paperwork follows within one working day.

## The plan

A significant change names its owner, the risk, the steps, how success is measured and how to go back. It is read by an engineer of each affected service two days before. Database migrations are split, so that old and new code run side by side.

## Release windows

Significant changes go out Monday to Thursday between 9:00 and 15:00 Lisbon time. From 20 November to 2 December and from 15 December to 2 January only standard and emergency changes are made, since retailers cannot afford trouble then.

## Watching

The owner watches dashboards for one hour after the release. If error rates double, the change is rolled back first and discussed second. Each change leaves a record of who, what and when.`,
  },
  {
    id: "code-review",
    title: "Code Review Policy",
    category: "engineering",
    owner: "Engineering",
    updated: "2026-05-25",
    body: `
## Every change is reviewed

No change reaches the main branch without approval from a person other than its author. Changes to authentication, payments or personal data need a second reviewer from the security engineers. Generated code is reviewed like any other.

## Authors

Keep changes below 400 lines, describe why they are needed, and show how they were tested. Read the difference yourself before asking others. Failing checks are fixed first, out of respect for the reviewer's time.

## Reviewers

Answer within four working hours, at the latest on the next morning. Look for correctness, security, tests, naming and simplicity, in this order. Mark remarks as blocking or optional. Praise what is good. Style is the formatter's task and not a topic.

## Disagreement

After two rounds without agreement, talk in person. If that fails, the owner of the component decides within a day. A merged change that turns out badly belongs to author and reviewer alike, and the remedy is a better test.`,
  },
  {
    id: "open-source",
    title: "Open Source Policy",
    category: "engineering",
    owner: "Engineering",
    updated: "2026-03-16",
    body: `
## Using open source

Packages under the MIT, BSD, Apache 2.0 and ISC licenses may be used freely. MPL and LGPL need a look by Legal, while GPL and AGPL code is not linked into products. Before adding a package, check that it is maintained, that its license is clear, and that we could not write it in fifty lines.

## Keeping track

The build creates a bill of materials for each release. Known vulnerabilities of high severity are fixed within seven days. Lock files are committed, and new versions wait three days before they are installed automatically, as stolen packages are usually found by then.

## Contributing

Bug fixes to projects that we use need no approval and may be made in working time. Larger contributions are agreed with the engineering manager. Contributor agreements are signed by Legal.

## Publishing our own code

A new public repository needs a maintainer for two years, a security check for secrets and history, and the consent of the chief technology officer. Private projects in your free time, on your own device and outside our business, belong to you.`,
  },
  {
    id: "secure-development",
    title: "Secure Development Policy",
    category: "engineering",
    owner: "Engineering",
    updated: "2026-09-21",
    body: `
## Design

A feature that touches personal data, money or permissions begins with a threat model of one page: what could go wrong, who would gain, and what stops them. The security engineers read it within three days.

## Coding

Input is validated where it enters, output is encoded where it leaves, and database access uses bound parameters only. Authorization is checked on the server for every request, never in the browser alone. Cryptography comes from the approved library; nobody invents their own.

## Pipeline

Every build scans source code, dependencies and container images. Findings of critical severity stop the release. Secrets found in a commit are revoked first and removed second, as history cannot be trusted to forget.

## After release

Customers and researchers report weaknesses to the security address and receive an answer within two working days. We thank finders publicly if they wish. Logs hold what an investigation would need, but no passwords, tokens or card numbers, and are kept for one year.`,
  },
];
