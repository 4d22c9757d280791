import { stem } from "../../memory/recall/stem.js";

/**
 * Words that tasks and descriptions of tools use for one another: verbs, everyday nouns, and those of business, operations,
 * support and development. Written down from general knowledge of English, with no list of tools or tasks at hand; verbs
 * and everyday nouns go back in part to a list that knew the tasks which the weights are learnt on, so figures on those
 * may flatter a little. No names of products, no narrow topics, no word in a group for a second meaning of it.
 */
const ALIKE = `
write compose draft author|save store keep persist|export dump|create generate make build produce new|add insert append attach include
read open load view|extract parse|get fetch retrieve obtain download pull receive|search find lookup look query discover locate seek
list show display enumerate browse|delete remove erase drop clear purge|cancel void revoke abort|update edit modify change set alter
replace swap substitute|send deliver forward mail|post publish share announce|submit upload import|convert transform turn
translate translation language|compare comparison diff difference contrast|summarize summary digest overview brief recap
analyze analysis examine inspect assess evaluate review|investigate diagnose troubleshoot debug|calculate compute calculator arithmetic
sum total count number|estimate predict forecast projection|check verify validate confirm test|approve approval accept authorize
reject decline deny refuse|assign allocate delegate|close resolve finish complete|start run launch execute begin trigger
stop halt terminate kill end|restart reboot|move transfer migrate|copy duplicate clone|rename relabel|merge combine join consolidate
split divide separate|schedule plan arrange book reserve reservation|remind reminder notify notification|monitor track observe watch
enable activate|disable deactivate suspend|lock block freeze|invite invitation guest attendee participant|register enroll signup
login authenticate signin|recommend recommendation suggest suggestion advise advice|explain describe description|choose pick select
rank sort order|navigate click browse|print output
chart plot graph diagram visualize visualization draw figure|image picture photo screenshot|document doc file attachment|file path
folder directory|text content string|presentation slide slideshow powerpoint deck|spreadsheet excel sheet workbook csv
webpage website web page site url link internet online|paper article publication study research literature|news headline story press
audio sound recording|video clip movie film|documentation guide tutorial manual reference doc|reference citation source|outline structure
map location place address coordinate position|route direction navigation way|near nearby around surrounding|trip travel journey itinerary
hotel accommodation lodging|flight airline plane|car vehicle|weather temperature forecast|date day time today now current
history historical past previous|latest newest recent current|popular trending top|deadline due|opinion sentiment mood|memory note remember
email mail message inbox|chat message channel conversation thread|phone telephone call dial|meeting call conference appointment event
calendar agenda schedule event|contact person people|comment note remark reply|form survey questionnaire poll|feedback rating review
price cost fee rate quote|currency exchange money|finance financial budget|revenue income earnings sale turnover|profit margin
invoice bill receipt|payment pay charge|refund reimburse reimbursement repay|expense spend cost|salary payroll wage compensation
tax vat|order purchase buy procurement|shop store retail|shipment shipping ship parcel delivery deliver courier|inventory stock warehouse
supplier vendor|customer client buyer account|user account profile member|lead prospect|deal opportunity sale|contract agreement
quote quotation offer proposal|discount coupon promotion voucher|subscription membership|product item goods|company business organization firm
employee staff worker personnel|colleague coworker team|department division|hire recruit recruitment|candidate applicant|job vacancy career
leave vacation holiday absence|training course lesson class|student pupil learner|grade mark score|lease rent rental|tenant renter
property house building apartment|insurance coverage|medication medicine drug prescription|doctor physician|illness disease condition
campaign newsletter|advertisement advert ad|audience segment|goal objective target
incident outage disruption downtime|alert alarm warning|error bug defect exception failure fault|log trace|metric statistic measurement
dashboard panel|latency delay|pod container workload docker|cluster kubernetes|server host machine instance|deploy deployment rollout release
rollback revert undo restore|backup snapshot archive|queue topic|webhook callback|certificate cert|domain dns hostname|database sql
table row column|record entry row|password credential secret|permission role access privilege grant|group team
repository repo git|branch merge commit|commit change revision|code source program script function snippet
library package module dependency|pipeline workflow|version release|issue ticket bug|task todo ticket|project initiative
case ticket request inquiry|complaint feedback|escalate escalation|faq knowledge answer|device sensor|button widget control element`;

/** What a file's ending says about it. */
const ENDINGS: Readonly<Record<string, string>> = {
  md: "markdown file text",
  txt: "text file",
  log: "log text file",
  pdf: "pdf document file",
  doc: "word document file",
  docx: "word document file",
  ppt: "powerpoint presentation slide",
  pptx: "powerpoint presentation slide",
  xls: "excel spreadsheet sheet",
  xlsx: "excel spreadsheet sheet",
  csv: "csv spreadsheet table file",
  json: "json file",
  html: "html page file",
  png: "image picture file",
  jpg: "image picture file",
  jpeg: "image picture file",
  gif: "image picture file",
  svg: "svg image file",
  mp3: "audio music file",
  wav: "audio music file",
  mp4: "video file",
  zip: "archive zip file",
};
const CODE = new Set("js ts jsx tsx py java go rs c cpp cs rb php sh sql yaml yml toml css".split(" "));

const groups = new Map<string, Set<string>>();
for (const line of ALIKE.trim().split(/[|\n]/)) {
  const stems = line.trim().split(/\s+/).map(stem);
  for (const each of stems) {
    const known = groups.get(each) ?? new Set();
    for (const other of stems) if (other !== each) known.add(other);
    groups.set(each, known);
  }
}

const NONE: ReadonlySet<string> = new Set();

/** Stems that may stand for this one. */
export function alike(stemmed: string): ReadonlySet<string> {
  return groups.get(stemmed) ?? NONE;
}

/** Words for a file's ending; undefined when it is none that is known. */
export function wordsOfEnding(ending: string): string | undefined {
  const lower = ending.toLowerCase();
  return Object.hasOwn(ENDINGS, lower) ? ENDINGS[lower] : CODE.has(lower) ? "code file" : undefined;
}
