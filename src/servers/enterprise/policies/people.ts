import type { Policy } from "./policy.js";

export const PEOPLE_POLICIES: readonly Policy[] = [
  {
    id: "code-of-conduct",
    title: "Code of Conduct",
    category: "people",
    owner: "Human Resources",
    updated: "2026-01-26",
    body: `
## What we expect

Treat colleagues, customers and suppliers with respect, tell the truth, and keep promises or say early that you cannot. Give credit to those who did the work. Disagree about ideas openly and leave the person out of it.

## Company property and information

Equipment and software are for work, with reasonable private use. Confidential information stays inside the company, also after you leave. Nobody trades shares or advises others to do so on the basis of facts that the public does not know.

## Law and fairness

We follow the law of each country in which we work, compete fairly and never agree prices with competitors. Bribes are neither paid nor taken, whatever local habit may be.

## Speaking up

If something seems wrong, ask your manager, Human Resources or the ethics line. No one who speaks in good faith will suffer for it. Breaches lead to consequences that fit what happened: a talk, a written warning, or the end of employment. Everybody confirms this code on joining and once a year in February.`,
  },
  {
    id: "anti-harassment",
    title: "Anti-Harassment Policy",
    category: "people",
    owner: "Human Resources",
    updated: "2026-02-04",
    body: `
## No tolerance

Harassment, bullying and discrimination have no place here, neither in the office nor at events, on trips or in chats. This covers unwanted touching, sexual remarks, insults, threats, jokes about origin, religion, age, disability, gender or orientation, and the steady exclusion of a person. What counts is the effect on the other person, not the intention.

## Reporting

Report to any manager, to Human Resources or to the ethics line, which accepts anonymous reports. You may bring a colleague to every talk. Managers who hear of harassment must pass it on within one working day, even if the person concerned prefers to wait.

## Investigation

Two trained investigators from outside the team start within three working days and aim to finish within four weeks. Both sides are heard, notes are confidential, and interim measures such as separate reporting lines protect the reporter without disadvantage.

## Result

Both people are told how the case ended. Measures range from coaching to dismissal. Retaliation is treated as a separate and serious breach. Training on this policy is mandatory each year.`,
  },
  {
    id: "hiring",
    title: "Hiring Policy",
    category: "people",
    owner: "Human Resources",
    updated: "2026-07-06",
    body: `
## Opening a role

A role opens when Finance has confirmed the budget and the hiring manager has written a scorecard: the outcomes of the first year and the skills they need. Every role is shown internally for five working days before it is published, with its salary range.

## Interviews

Candidates speak to at least three trained interviewers, two of whom come from outside the team. Each interviewer rates agreed skills in writing before seeing the others' opinions. Work samples take no more than two hours. We do not ask about family plans, health, age or past salary.

## Deciding

The hiring manager decides after a short meeting, and a bar raiser from another department can stop an offer. Relatives and partners of employees are welcome to apply but are not interviewed by, and do not report to, that employee.

## Referrals and records

A referral that leads to a hire earns 1,500 EUR, paid after three months. Candidates hear from us within five working days of every step. Application records are deleted six months after the decision unless the candidate agrees to a longer time.`,
  },
  {
    id: "onboarding",
    title: "Onboarding Policy",
    category: "people",
    owner: "Human Resources",
    updated: "2026-06-15",
    body: `
## Before day one

Human Resources sends the contract, the first-week plan and a welcome letter two weeks ahead. IT prepares a laptop, accounts and a hardware key, and ships them so that they arrive three days before the start. The manager names a buddy who is not in the reporting line.

## First week

Day one brings introductions, badge and payroll data, and the security course, which must be finished before access to customer data is granted. By Friday, each newcomer has met every person in the team and has delivered something small, such as a fixed document or a merged change.

## First ninety days

Goals for 30, 60 and 90 days are written down together in the first week. A feedback talk follows at each mark. Probation lasts as long as local law sets, at most six months, and the decision is told at least two weeks before it ends.

## Improving it

Newcomers fill in a survey after one month. The learning specialists publish the answers without names and what was changed because of them.`,
  },
  {
    id: "offboarding",
    title: "Offboarding Policy",
    category: "people",
    owner: "Human Resources",
    updated: "2026-04-07",
    body: `
## Notice

Resignations are sent in writing to the manager and Human Resources. The notice period stands in the contract, usually two months. Within two days the manager and Human Resources agree how the team and customers will be told.

## Handover

A handover page lists running work, passwords in shared vaults, contacts and open promises. It is finished a week before the last day, so that there is time for questions. Remaining vacation is taken during the notice period where possible.

## Access and equipment

IT closes all accounts at 18:00 on the last working day; after a dismissal, at the moment of the talk. Laptop, phone, hardware key and badge are returned on that day or sent in the prepaid box within five working days. Mail is forwarded to the manager for 30 days behind an automatic answer.

## Last talk

Human Resources offers a voluntary exit interview. The final salary, unused vacation and open expenses are paid with the next payroll run, and a reference letter is issued within ten working days.`,
  },
  {
    id: "performance-review",
    title: "Performance Review Policy",
    category: "people",
    owner: "Human Resources",
    updated: "2026-05-04",
    body: `
## Rhythm

Reviews take place twice a year, in February and August. They look at results against agreed goals and at how these results came about. There is no fixed distribution: a whole team may do very well. Surprises in a review are a failure of the manager, since feedback is due throughout the year.

## Steps

The employee writes a one-page self review. Three to five colleagues, proposed by the employee and confirmed by the manager, answer four questions. The manager writes an assessment with examples, and managers of a department compare their standards in a calibration meeting before ratings are shared.

## Ratings

Four words are used: exceeds, meets, partly meets, and does not meet. "Meets" is good work. Salary changes from the February review take effect on 1 April.

## When things go badly

Two reviews below "meets" lead to a written plan of 60 days with concrete aims, weekly talks and help such as training or a mentor. You may ask Human Resources to look at a rating again within ten working days.`,
  },
  {
    id: "promotion",
    title: "Promotion Policy",
    category: "people",
    owner: "Human Resources",
    updated: "2026-05-11",
    body: `
## Principle

A promotion confirms that somebody already works at the next level, shown over at least two quarters. Time served alone is not a reason, and neither is an offer from elsewhere. Expectations of each level, from Junior to Principal and from Manager to Executive, are published in the career guide.

## Process

Managers propose promotions twice a year, after the reviews. The case is two pages: impact, examples, and feedback from people at the next level. A panel of three, one of them from another department, decides within three weeks. Engineers may propose themselves, and the manager then adds a comment.

## After the decision

The new title and salary take effect on the first day of the following month. The raise brings pay at least to the lower end of the new band. When the answer is "not yet", the panel writes what is missing, and the manager turns that into goals.

## Changing tracks

Moving from specialist to manager is a change, not a promotion, and can be undone within a year without loss of level.`,
  },
  {
    id: "social-media",
    title: "Social Media Policy",
    category: "people",
    owner: "Marketing",
    updated: "2025-09-29",
    body: `
## Personal accounts

You are free to say that you work here and to share public news of the company. Make clear that opinions are your own. Do not publish customer names, unreleased features, revenue, security details or pictures in which screens and whiteboards can be read.

## Official accounts

Only Marketing posts for Tallgrass. Passwords for official accounts live in the shared vault with MFA, and at least two people can reach each account. Ideas for posts are welcome in the marketing channel.

## When people criticize us

Do not argue on the company's behalf. Send the link to Marketing, which answers within one working day. Journalists who contact you are referred to the press office, politely and without comment.

## Respect

The code of conduct applies online. Harassing a colleague in a private group is still harassment. A mistake is best corrected quickly: delete, tell Marketing, and nobody will be blamed for an honest slip.`,
  },
];
