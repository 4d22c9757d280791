import type { Policy } from "./policy.js";

export const FINANCE_POLICIES: readonly Policy[] = [
  {
    id: "expenses",
    title: "Expense Policy",
    category: "finance",
    owner: "Finance",
    updated: "2026-07-13",
    body: `
## The idea

Spend company money as carefully as your own. An expense is refunded when it was needed for work, reasonable in price and supported by a receipt. Nobody approves their own expenses.

## Submitting

Photograph the receipt and submit it in the expense tool within 30 days. Claims older than 90 days are not paid. Managers approve up to 1,000 EUR, department heads up to 10,000 EUR, and the chief financial officer above that. Approved claims are paid with the next salary or, above 300 EUR, within five working days.

## Limits

Team meals may cost up to 40 EUR per person and a working lunch with customers up to 60 EUR. Alcohol is refunded only with a meal and in moderation. Phone costs, home internet and home office furniture follow the remote work policy.

## Not refunded

Fines, minibar, upgrades, private subscriptions, gifts above the limit of the gift policy, and costs of accompanying family are private. A missing receipt can be replaced by a signed note three times a year, up to 50 EUR each. False claims are a breach of the code of conduct.`,
  },
  {
    id: "travel",
    title: "Travel Policy",
    category: "finance",
    owner: "Finance",
    updated: "2026-04-14",
    body: `
## Before you go

Ask first whether a video call would do. Trips need your manager's approval, and trips outside your continent that of the department head. Book at least 14 days ahead through the travel portal, so that we know where people are in an emergency.

## Trains, flights and cars

Take the train when it needs six hours or less. Flights are in economy class; premium economy is allowed above seven hours. Rental cars are compact, and taxis are for late hours or heavy luggage. Miles and points remain yours.

## Hotels and meals

The nightly limit is 160 EUR, or 220 EUR in Singapore, Toronto and capital cities. The daily allowance for meals is 48 EUR, reduced when breakfast is included. Staying with friends is fine, and 25 EUR may be spent on a gift for the hosts.

## Safety and data

Travel insurance covers everyone. Use the VPN on every foreign network and carry the laptop in hand luggage. For countries on the security list, IT lends a clean device. Travel on a weekend earns half a day off in return.`,
  },
  {
    id: "procurement",
    title: "Procurement Policy",
    category: "finance",
    owner: "Finance",
    updated: "2026-02-23",
    body: `
## Thresholds

Purchases below 1,000 EUR are made by the team with its card. From 1,000 to 25,000 EUR, a purchase request and two offers are required. Above 25,000 EUR, three offers and a written comparison go to the procurement specialists, and above 250,000 EUR the executive team decides.

## Separation of duties

The person who requests, the one who approves and the one who pays are three different people. Splitting an order to stay below a threshold is not allowed.

## Software and subscriptions

New software is checked by IT for security and by Legal for data protection before anybody signs. Renewals are announced 60 days ahead; the owner confirms that the tool is used, or it is cancelled. Only the chief financial officer and the general counsel may accept contracts longer than three years.

## Invoices

Invoices carry an order number and are sent to the accounting mailbox. They are paid 30 days after receipt, and small suppliers within 14 days.`,
  },
  {
    id: "payroll",
    title: "Payroll Policy",
    category: "finance",
    owner: "Finance",
    updated: "2026-01-05",
    body: `
## Payroll dates

Salaries are paid on the 25th of each month. When the 25th is a weekend or a public holiday, payment arrives on the working day before. December salaries are paid on the 18th. The payslip appears in the portal two days earlier.

## Changes

Bank details, address or tax data changed by the 10th take effect in the same month. Changes of bank details are confirmed by a call to the number on file, because fraudsters like to send such requests by mail. Overtime, bonuses and refunds approved by the 12th are included.

## Errors

Report mistakes to payroll as soon as you see them. Underpayments above 100 EUR are corrected within three working days. Overpayments are deducted over up to three months after you have agreed to a plan.

## Confidentiality

Salary data is restricted data. Only payroll, the HR business partner and your own chain of managers can see your pay. You may of course talk about it with whomever you like.`,
  },
  {
    id: "stock",
    title: "Stock Option Policy",
    category: "finance",
    owner: "Legal",
    updated: "2025-11-03",
    body: `
## Grants

Every permanent employee takes part in the stock option plan. The size of the grant depends on the level at hiring and stands in the offer letter; additional grants are decided each April. The board approves all grants, and only then does the strike price become known.

## Vesting

Options vest over four years: a quarter after the first year, and then monthly in equal parts. Vesting continues during paid leave and pauses during unpaid leave beyond three months.

## Exercising

Vested options may be exercised in two windows of three weeks, in May and in November. Outside these windows, and whenever you hold important facts that are not public, trading is forbidden. Legal announces the opening of each window by mail.

## Leaving

People who leave keep their vested options and have two years in which to exercise them. Unvested options lapse. Taxes differ by country; the company pays for one hour with a tax adviser but does not give advice itself.`,
  },
  {
    id: "gifts",
    title: "Gifts and Hospitality Policy",
    category: "finance",
    owner: "Legal",
    updated: "2025-10-13",
    body: `
## Receiving

You may accept gifts and invitations worth up to 50 EUR per person and year from the same source, when they are given openly and without expectation. Anything above that is refused politely or handed to Operations, which raffles it for charity. Cash and vouchers are never accepted.

## Giving

Gifts to business partners may cost up to 50 EUR and carry our logo where possible. Meals with customers follow the expense policy. Public officials receive nothing beyond a coffee without prior approval from Legal, in any country.

## The register

Gifts and invitations above 25 EUR are entered in the gift register within a week, whether accepted or refused. Legal publishes the totals once a year.

## During tenders

While you take part in choosing a supplier, you accept nothing from any bidder, not even lunch. If an invitation feels wrong to explain to a colleague, decline it.`,
  },
];
