import type { Policy } from "./policy.js";

export const SECURITY_POLICIES: readonly Policy[] = [
  {
    id: "information-security",
    title: "Information Security Policy",
    category: "security",
    owner: "IT",
    updated: "2026-08-24",
    body: `
## Purpose

This policy sets the rules by which we protect the data of customers and employees. It applies to every person with an account, including contractors. The head of IT answers for it, and the security engineers review it each August.

## Access

Access follows need: people receive what their role requires and lose it when the role changes. Owners of systems confirm the list of users each quarter. Administrator rights are separate accounts, used only for the task at hand. Shared logins are forbidden.

## Protection

Disks are encrypted, screens lock after five minutes, and security updates are installed within seven days, or within 48 hours when marked critical. Production data does not leave production; tests use generated data. Keys and tokens belong in the vault, never in source code, tickets or chat.

## Training and testing

Everybody completes the security course within the first week and again each year. Simulated phishing mails are sent every quarter, to learn and not to punish. An outside firm tests our products and networks once a year, and its serious findings are fixed within 30 days.`,
  },
  {
    id: "passwords",
    title: "Password Policy",
    category: "security",
    owner: "IT",
    updated: "2026-03-30",
    body: `
## Choosing passwords

Passwords have at least 14 characters and are unique for each service. Length beats odd symbols: four or five unrelated words make a fine password. The company pays for a password manager, and you should let it create and store everything except the master password.

## Multi-factor authentication

MFA is mandatory for mail, VPN, source code, the cloud console and every system with customer data. Hardware keys are preferred, authenticator apps are accepted, and text messages are not. Keep the recovery codes in the password manager of a second person or in the office safe.

## No forced changes

Passwords do not expire on a calendar. They are changed when there is a sign of misuse, when a breach list contains them, or when somebody who knew a shared secret leaves.

## What never happens

The help desk never asks for your password. Do not send secrets by mail or chat; use the vault's sharing link, which works once. Five failed logins lock an account for fifteen minutes.`,
  },
  {
    id: "incident-response",
    title: "Incident Response Policy",
    category: "security",
    owner: "IT",
    updated: "2026-09-01",
    body: `
## Report first

Report anything suspicious at once: a lost laptop, a strange login, a mail sent to the wrong person. Write to the security channel or call extension 4911, which is staffed day and night. A report that proves harmless is welcome. Do not switch off the device and do not investigate alone.

## Severity

Severity 1 means that customer data is exposed or the product is down for many customers; the incident commander is called within 15 minutes. Severity 2 means that harm is likely and the team acts within an hour. Severity 3 is handled on the next working day.

## Roles

The incident commander decides, one person writes the timeline, one speaks with customers, and engineers repair. The commander may wake anybody and spend up to 20,000 EUR without asking. Legal judges within 24 hours whether authorities must be told, as the 72-hour limit of data protection law is short.

## Afterwards

A review without blame is held within five working days. Its report names causes, lists actions with owners and dates, and is open to the whole company.`,
  },
  {
    id: "equipment",
    title: "Equipment and Laptop Policy",
    category: "security",
    owner: "IT",
    updated: "2026-07-20",
    body: `
## What you receive

Each employee chooses between two laptops, one 14-inch and one 16-inch model, plus a screen, keyboard, mouse and headset. Engineers and designers may ask for more memory. Devices are replaced after four years, or earlier if repair is not worthwhile.

## Care

The laptop stays yours to look after: do not leave it in a car, and lock it away at conferences. Software comes from the company catalog; anything else needs a short request to the help desk, which answers within a day. Family members do not use company devices.

## Loss and damage

Report loss or theft within two hours, so that IT can wipe the device remotely, and bring a police report within three days. Accidents happen and cost you nothing. After the third incident in two years, your manager is asked to talk with you.

## Return

Equipment is returned at the end of employment. Screens and chairs bought with the home office stipend remain your property after twelve months.`,
  },
  {
    id: "byod",
    title: "Bring Your Own Device (BYOD) Policy",
    category: "security",
    owner: "IT",
    updated: "2025-12-15",
    body: `
## What is allowed

Private phones and tablets may be used for mail, calendar, chat and the authenticator app. Private computers may not be used for company work at all, as we cannot secure them. Nobody is obliged to use a private device; a company phone is provided on request.

## Conditions

The device needs a supported operating system, a screen lock of six digits or biometrics, and the work profile of our device management. Jailbroken or rooted phones are refused automatically. Backups of company data to private cloud storage are switched off by the profile.

## Your privacy

IT sees model, system version and whether the rules above are met. IT does not see photos, private messages, location, browsing or private apps. If the phone is lost or you leave, only the work profile is deleted.

## Costs

Those who read work mail on a private phone receive 15 EUR a month. Repairs are a private matter, unless the damage happened on a business trip.`,
  },
  {
    id: "data-classification",
    title: "Data Classification Policy",
    category: "security",
    owner: "IT",
    updated: "2026-01-19",
    body: `
## Four classes

Public data may be read by everyone, such as the website. Internal data is for employees, such as this page; it is the default when nothing is written. Confidential data would harm us or customers if it leaked: contracts, source code, sales figures. Restricted data would cause grave harm: salaries, health records, credentials and customers' personal data.

## Marking and storing

Write the class in the header of documents that are confidential or restricted. Restricted data is kept only in the systems named in the data register, encrypted, and with a log of each access. It is never sent by mail, copied to a laptop or pasted into a chat.

## Sharing outside

Internal and confidential data leaves the company only under a signed confidentiality agreement. Restricted data additionally needs the consent of the data owner and of Legal.

## Changing a class

The owner of the data sets its class and looks at it again each year. When two classes are mixed, the stricter one applies. If in doubt, ask the security team before sharing, not after.`,
  },
  {
    id: "ai-usage",
    title: "AI Usage Policy",
    category: "security",
    owner: "IT",
    updated: "2026-10-05",
    body: `
## Approved tools

Assistants on the approved list may be used for writing, coding, research and data analysis. The list stands in the company portal with the data class that each tool may see. Free consumer accounts, of ChatGPT or any other service, are not approved, since their providers may train on what you type.

## What may go in

Public and internal data may be entered into every approved tool. Confidential data may be entered only into tools marked for it, and restricted data into none, without exception. Remove customer names and personal details before you ask for help.

## Responsibility

You answer for what you deliver, whoever or whatever drafted it. Check facts, run the tests, and review generated code like code from a stranger. Decisions about hiring, pay, discipline or credit are made by people; AI may summarize but not rank.

## Agents and automation

An agent that can change data needs an owner, the least permissions that work, a log of its actions, and a human approval step for payments, deletions and messages to customers. Tell people when they are talking to a machine. New uses are registered with IT before they go live.`,
  },
];
