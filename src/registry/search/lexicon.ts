import { stem } from "../../memory/recall/stem.js";

/** Words that tasks and descriptions of tools use for one another. General, not of any one set of tools. */
const ALIKE = `
write save store draft compose export dump output|create generate make build produce new|add insert append attach include
read open load view extract parse|get fetch retrieve obtain download pull|search find lookup look query discover explore seek locate
list show display enumerate browse|delete remove erase drop clear|update edit modify change set replace|send post publish submit share
convert transform turn translate export|compare diff difference contrast change|summarize summary digest overview brief introduction introduce
analyze analysis analyse examine inspect assess evaluate review investigate insight|calculate compute calculator arithmetic math expression sum multiply estimate value
chart plot graph diagram visualize visualization draw figure|image picture photo screenshot png jpg jpeg illustration
document doc docx word|presentation slide slideshow powerpoint pptx ppt deck|spreadsheet excel xlsx csv sheet workbook worksheet
file path directory folder|text txt content string|markdown md|webpage website web page site url link html internet online
paper article publication preprint arxiv research study literature scholar journal|news headline story press
book novel read reading|music song audio track sound mp3|video youtube clip movie film transcript caption subtitle
stock share ticker equity symbol company|price quote cost value rate|crypto cryptocurrency bitcoin coin token blockchain
currency exchange forex|finance financial investment invest portfolio market economic earnings revenue income statement cashflow fundamental
weather forecast temperature rain climate|map location place address coordinate latitude longitude geocode position gps
route direction navigate navigation way travel drive distance commute|nearby near around surrounding close within
restaurant cafe food dining|hotel accommodation lodging stay apartment rental room|trip travel itinerary tour vacation journey visit
train rail railway ticket station|flight airline airport plane|car vehicle driving
date day today tomorrow yesterday now current time clock calendar|trend trending popular hot top rank ranking leaderboard latest
recipe cook dish meal menu ingredient|game player match team score|health medical disease drug clinical patient trial gene
code source program script function snippet|repository repo github git commit branch|library package module dependency framework npm
documentation doc docs guide tutorial reference example manual api|component widget ui interface button element
error bug exception failure log|database sql table record row query|email mail message inbox|chat message channel conversation
task todo issue ticket project|user account profile member person people|memory note knowledge remember
random shuffle pick choose dice|password token secret secure hash|domain whois dns ip|server container docker host deploy process
browser navigate click screenshot|encyclopedia wikipedia wiki background|recommend recommendation suggest suggestion advice advise
meet meeting appointment event schedule|job career hiring|shop product purchase buy order|history historical past|sentiment mood opinion
translate translation language|mindmap outline structure|reference citation source|table row column cell`;

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
