import type { Policy } from "./policy.js";

export const LEGAL_POLICIES: readonly Policy[] = [
  {
    id: "privacy",
    title: "Privacy and GDPR Policy",
    category: "legal",
    owner: "Legal",
    updated: "2026-08-10",
    body: `
## Principles

We process personal data only for a stated purpose, on a legal basis, and no longer than needed. The General Data Protection Regulation (GDPR) is our standard in all countries, because one high standard is simpler than five. The privacy specialists keep the register of processing.

## Rights of people

Anyone may ask what we hold about them, and have it corrected, deleted or handed over. Send such requests to the privacy mailbox on the day they arrive; we answer within 30 days. Do not answer yourself, and do not delete anything in between.

## New processing

A new use of personal data is registered before it starts. If the risk is high, for example with location, health or scoring of people, an impact assessment is required. Data of European customers stays in European data centres unless the contract says otherwise.

## Breaches

A breach of personal data is reported internally at once through the incident process. Legal informs the authority within 72 hours where the law demands it, and the people concerned when the risk to them is high.`,
  },
  {
    id: "data-retention",
    title: "Data Retention Policy",
    category: "legal",
    owner: "Legal",
    updated: "2026-02-09",
    body: `
## Why we delete

Data that nobody needs is a cost and a risk. Each data set in the register has an owner, a retention period and a method of deletion. Where no period is set, three years apply.

## Periods

Customer data is deleted 60 days after the end of a contract. Applications are kept six months, visitor records 90 days, chat messages two years, mail five years, and server logs one year. Accounting documents and contracts are kept ten years because the law requires it. Personnel files are kept five years after employment ends.

## Backups

Backups are encrypted and overwritten after 35 days. A deletion therefore becomes complete at the latest 35 days after it was carried out, and we say so to customers.

## Legal hold

When a dispute or an investigation is likely, Legal issues a hold, and deletion stops for the data named in it. Only Legal lifts the hold. Destroying data under hold leads to dismissal.`,
  },
  {
    id: "vendor-management",
    title: "Vendor Management Policy",
    category: "legal",
    owner: "Legal",
    updated: "2026-05-20",
    body: `
## Tiers

Vendors are sorted by the harm that their failure would cause. Tier 1 vendors hold customer data or keep the product running, tier 2 vendors hold internal data, and tier 3 covers everything else, from furniture to catering.

## Before the contract

Tier 1 vendors answer our security questionnaire, show a recent audit report and sign a data processing agreement. Tier 2 vendors answer the short form. IT and Legal reply within ten working days. An exit plan is part of each tier 1 contract: how do we get our data, in which format, and by when?

## During the contract

Each vendor has an internal owner who checks invoices, service levels and news of breaches. Tier 1 vendors are reviewed every year, tier 2 vendors every second year. Their access to our systems goes through named accounts with MFA.

## At the end

Accounts are closed on the last day, and the vendor confirms in writing within 30 days that our data was deleted.`,
  },
  {
    id: "conflicts-of-interest",
    title: "Conflicts of Interest Policy",
    category: "legal",
    owner: "Legal",
    updated: "2025-10-20",
    body: `
## What it is

A conflict of interest exists when private interests could influence, or seem to influence, a decision at work. Having one is not wrong; hiding one is. Typical cases are a second job, shares in a supplier, a relative among bidders, or a close relationship within a reporting line.

## Disclosing

Disclose it in the online form before you take part in any decision, and again each February. Legal answers within five working days with a simple rule for the case, such as stepping out of the selection or changing who approves.

## Second jobs and boards

Side work is permitted if it does not compete with us, does not use our equipment and leaves you rested. Paid roles need written consent. Seats on boards of other companies are approved by the chief executive, unpaid roles in clubs and charities need no approval.

## Relationships at work

Couples may both work here, but neither may decide about the pay, tasks or review of the other. Tell Human Resources, which handles it with discretion.`,
  },
  {
    id: "whistleblower",
    title: "Whistleblower Policy",
    category: "legal",
    owner: "Legal",
    updated: "2026-03-23",
    body: `
## What to report

Report possible crimes, fraud, corruption, danger to health or the environment, breaches of data protection, and attempts to hide any of these. You need not be certain; reasonable grounds suffice. Complaints about your own working conditions belong with Human Resources.

## How to report

Use the web form of the ethics line, which stores neither address nor device, or write to the ombudsperson, an outside lawyer bound to secrecy. Reports are accepted in English, Portuguese, German and French. You may also turn to the authorities directly.

## What happens next

You receive a confirmation within seven days and an answer on the measures taken within three months. Only the two case officers know your name, if you gave one. Persons who are accused are heard and presumed innocent.

## Protection

No one may be dismissed, moved, rated lower or treated badly for an honest report. Whoever retaliates risks their job. The protection also covers colleagues who helped, and it holds if the suspicion proves unfounded.`,
  },
  {
    id: "records-management",
    title: "Records Management Policy",
    category: "legal",
    owner: "Legal",
    updated: "2025-11-17",
    body: `
## What a record is

A record proves a decision, an obligation or a transaction: signed contracts, board minutes, invoices, audit reports, approvals. Drafts, copies and chats are not records, unless they are the only trace of a decision, in which case you should write it down properly.

## Where records live

Records are filed in the document system within five working days, under the matter and not under a person's name. Paper is scanned by the office coordinators, and the original is kept only where the law demands ink. Laptops and private folders are no archive.

## Names and versions

File names begin with the date, followed by the partner and the kind of document. A signed version is final and locked; corrections become a new document that refers to the old one.

## Owners and checks

Each department names a records owner. Legal checks twenty random files every half year and reports the share that was complete. How long records are kept is set out in the data retention policy.`,
  },
];
