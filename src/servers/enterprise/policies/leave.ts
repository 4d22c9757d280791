import type { Policy } from "./policy.js";

export const LEAVE_POLICIES: readonly Policy[] = [
  {
    id: "vacation",
    title: "Vacation and PTO Policy",
    category: "people",
    owner: "Human Resources",
    updated: "2026-08-03",
    body: `
## Annual leave and holiday entitlement

Full-time employees receive 27 vacation days (paid time off, PTO) each calendar year, on top of the public holidays of their location. Part-time staff receive a proportional share. One extra day is added after every three years of service, up to 32 days. In the first year, vacation builds up month by month and may be taken in advance with your manager's consent.

## Asking for time off

Enter requests in the leave calendar: two weeks ahead for three days or more, two days ahead for anything shorter. Managers answer within three working days and may refuse only for a concrete reason, such as a release that depends on you. Everyone must take one unbroken block of ten days a year.

## Carrying over

Up to five unused days move into the next year and lapse on 31 March. Days that could not be taken because of illness or parental leave do not lapse. Vacation is not paid out, except when employment ends.

## Company days

The offices close from 27 to 31 December. These days are a gift and are not taken from your balance; people on call in that week receive replacement days.`,
  },
  {
    id: "sick-leave",
    title: "Sick Leave Policy",
    category: "people",
    owner: "Human Resources",
    updated: "2026-01-12",
    body: `
## Telling us

If you are ill, tell your manager before 10:00 on the first day by chat, phone or mail and then rest. You need not say what you have. A short message is enough, and someone else may send it for you. Enter the absence in the leave calendar when you are able to.

## Medical certificate

A certificate is needed from the fourth calendar day, or earlier where local law asks for it. Send it only to Human Resources, which keeps it apart from the personnel file. Managers never ask for a diagnosis.

## Pay

Full salary continues for six weeks per illness. After that, statutory benefits apply and the company tops them up to 90 percent for a further six weeks. Days of illness during a vacation are given back when a certificate exists.

## Caring for others

Ten paid days a year may be used to look after a sick child, partner or parent. Mental health counts as health: three confidential counselling sessions a year are free, and the provider reports no names to us.

## Coming back

After more than six weeks away, a gradual return with shorter days can be agreed.`,
  },
  {
    id: "parental-leave",
    title: "Parental Leave Policy",
    category: "people",
    owner: "Human Resources",
    updated: "2026-03-09",
    body: `
## Leave for every parent

Each new parent, by birth, adoption or surrogacy, may take 20 weeks of fully paid leave in the first year of the child. The parent who gives birth receives four further weeks. The weeks may be split into two blocks, and both parents may be away at once if both work here.

## Planning

Please tell Human Resources and your manager ten weeks before the leave begins. Together you write a handover plan. Your role is held open, your laptop stays with you if you like, and nobody expects you to read messages.

## Coming back

For the first eight weeks after the return you may work at 80 percent for full pay. Offices offer a quiet room for nursing. A salary review that falls into the leave takes place as if you had been present, based on the last completed review.

## Longer absence

Unpaid leave of up to twelve additional months is granted where the law provides it. Insurance is continued by the company, and pension payments pause. Loss of a pregnancy entitles both parents to fifteen paid days, without any certificate.`,
  },
  {
    id: "relocation",
    title: "Relocation Policy",
    category: "people",
    owner: "Human Resources",
    updated: "2025-10-27",
    body: `
## When it applies

Support is given to people who move more than 100 kilometres for a role at Tallgrass, whether newly hired or transferred between offices. A move that you choose yourself, without a change of role, needs approval and is not funded.

## What is paid

The company pays for transport of household goods up to 4,500 EUR, one flight or train ticket per family member, and furnished housing for six weeks. A lump sum of 1,500 EUR covers the small things, such as fees and adapters. Immigration lawyers are chosen and paid by Legal for you and your family.

## Salary and contract

Your salary moves to the band of the new location. Changes of contract, tax and social insurance are explained by Human Resources in writing before you decide. Stock grants continue unchanged.

## Repayment

If you resign within twelve months of the move, half of the amount is paid back; after a year, nothing is. Nobody repays after a dismissal, an illness or a family emergency.`,
  },
  {
    id: "training-budget",
    title: "Training Budget Policy",
    category: "people",
    owner: "Human Resources",
    updated: "2026-05-18",
    body: `
## Budget and days

Everyone has 1,800 EUR and five working days per fiscal year for learning. The budget covers courses, books, conferences, language lessons and certification exams that help in the present role or a realistic next one. What is left at the end of January expires.

## How to use it

Purchases below 250 EUR need no approval: buy, then submit the receipt in the expense tool under "training". Above that, your manager confirms the request within five days. Travel to a conference is charged to the training budget, not to the travel budget of the project.

## Sharing

After a conference or a longer course, give something back: a talk of twenty minutes, a page of notes or a pairing session. The learning specialists keep the recordings in the company portal.

## Degrees

Part-time degrees can be supported with up to 6,000 EUR a year. Support above 5,000 EUR in total comes with an agreement to stay for eighteen months, or to repay the remaining share.`,
  },
];
