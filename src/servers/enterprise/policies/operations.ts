import type { Policy } from "./policy.js";

export const OPERATIONS_POLICIES: readonly Policy[] = [
  {
    id: "business-continuity",
    title: "Business Continuity Policy",
    category: "operations",
    owner: "Operations",
    updated: "2026-06-08",
    body: `
## Goals

After a disaster, customers must be able to plan and ship within four hours, and at most fifteen minutes of data may be lost. Salaries and customer support resume within one working day. These goals are set by the executive team and tested, not merely hoped for.

## Plans

Each department keeps a plan of two pages: its vital tasks, who stands in for whom, and how to work without office, network or a key vendor. The plans are printed and stored at two offices, because the portal may be the thing that fails.

## Crisis team

The chief operating officer leads the crisis team with IT, Legal, Human Resources and Marketing. It meets within one hour by phone. An alert by text message reaches all employees, and everyone answers whether they are safe.

## Exercises

A failover of the product to the second region is practised each quarter, and a full exercise with a surprise takes place each November. Lessons are recorded with owners and dates, and the plans are updated within a month.`,
  },
  {
    id: "customer-support",
    title: "Customer Support Policy",
    category: "operations",
    owner: "Customer Success",
    updated: "2026-09-08",
    body: `
## Hours and response

Support is open around the clock for customers on the enterprise plan and from 7:00 to 19:00 on weekdays for all others. First answers are due within 30 minutes for urgent cases, four hours for high, and one working day for normal priority.

## Handling a case

Every contact becomes a ticket. The support engineer confirms the problem in the customer's words, sets the priority by impact, and tells the customer when the next update will come, then keeps that promise even without news. Access to a customer's account needs the customer's consent and ends with the case.

## Escalation

A case without progress after half of its target time is passed to the second level, and after the full time to the engineer on call. Customers may ask for a manager at any moment.

## Credits and learning

Service credits up to 500 EUR are granted by the team lead, larger ones by the vice president. The five most frequent causes of tickets are presented to Product each month.`,
  },
  {
    id: "meetings",
    title: "Meeting Policy",
    category: "operations",
    owner: "Operations",
    updated: "2025-12-01",
    body: `
## Before inviting

A meeting needs a purpose that can be written in one sentence, an agenda and an owner. Status reports are sent in writing instead. Invite those who decide or contribute, usually no more than seven, and mark all others as optional. Anyone may decline an invitation without an agenda.

## Time

Meetings last 25 or 50 minutes, so that people can breathe between them. Wednesday afternoon is free of internal meetings across the company. With participants in several time zones, the inconvenient hour rotates between offices.

## During and after

If one person is remote, everybody joins from their own screen. Recording is allowed when all agree, and recordings are deleted after 60 days. Decisions, owners and dates are posted in the project channel on the same day. Recurring meetings end by themselves after six months unless the owner renews them.`,
  },
  {
    id: "internal-communication",
    title: "Internal Communication Policy",
    category: "operations",
    owner: "Operations",
    updated: "2026-02-16",
    body: `
## Channels

News that concerns all employees is posted in the announcements channel and repeated by mail. Project talk belongs in open project channels and not in private messages, so that others can find it later. Telephone and text messages are for emergencies and for people on call.

## Answering

Chat is not a fire alarm: an answer within half a working day is fine. Messages written outside someone's working hours may wait until the next morning, and senders are encouraged to schedule them. Use "urgent" only if harm would follow within hours.

## Language

English is the common language in writing. Small groups may talk in any language, provided nobody in the room is left out. Write plainly, spell out abbreviations once, and describe pictures for colleagues who use a screen reader.

## Company meetings

The executive team answers questions every second Thursday in an open meeting. Questions can be sent without a name and are answered in the order of votes.`,
  },
];
