import { stem } from "./stem.js";

/** Words that are asked with one and answered with another. Everyday English. */
const ALIKE = `
afraid scared fear frightened nervous anxious anxiety worried worry|angry mad upset annoyed furious frustrated|ask request
author writer wrote write|car vehicle auto truck van|award prize trophy medal honour honor|baby newborn infant pregnant
beautiful gorgeous lovely pretty stunning|begin start commence launch|big huge large massive enormous|small little tiny
book novel read|boss manager supervisor lead|broken damage damaged broke crash crashed|brother sister sibling
buy purchase order bought|career job work profession occupation employment|cat kitten|dog puppy
hard difficult challenge tough struggle problem trouble issue obstacle|child kid son daughter
choose pick decide decision choice select prefer preference|class course lesson workshop training|cheap affordable inexpensive
college university school education degree study|company firm business startup employer|competition contest tournament
cook bake recipe meal dish dinner lunch breakfast food eat|create make build design develop|dance dancer dancing
die death died passed funeral|doctor physician clinic hospital nurse|donate donation charity volunteer|dream goal ambition hope aspire
earn salary income wage pay paid|error bug fault failure crash|event party celebration gathering|excited thrilled happy glad pleased joy
exercise workout gym fitness train|fast quick rapid|favorite favourite prefer love like enjoy|finish complete end done
fix repair solve resolve|friend buddy pal mate|funny laugh joke humor|garden plant flower gardening|gift present gave give
grandma grandmother grandpa grandfather grandparent|grateful thankful appreciate|group team club community organisation organization
hike trail trek walk|hobby pastime interest activity|holiday vacation trip travel journey getaway visit|home house apartment flat
hurt injury injured pain|idea concept plan proposal|image photo picture screenshot|improve better enhance upgrade|learn study taught teach
live reside residence address|lonely alone|marry wedding married marriage spouse husband wife partner engaged
meet met encounter meeting call|money finance financial budget cost price expense|mother mom|father dad|mountain peak summit climb
move relocate moved|film watch cinema|music song band album concert|name called named|near nearby close|nature outdoors outdoor
ocean sea beach coast shore|old age aged birthday born|paint painting painter canvas drawing|phone mobile number
plan intend planning going|project initiative program programme|race marathon run running jog|recommend suggest suggestion advice tip
religion religious church faith pray|remember memory remind reminder|restaurant cafe diner|sad depressed grief unhappy
sell sold sale|shop store market shopping|sick ill illness disease condition|skill ability talent|speech talk presentation
story tale|success achieve achievement accomplish milestone|swim swimming pool|teammate colleague coworker|teacher mentor coach tutor
computer laptop pc machine|software app application program code|weather rain snow storm|win won victory|yoga meditation meditate
allergy allergic intolerant|language speak fluent|pet animal|relax unwind calm stress|inspire motivate encourage inspiration motivation
password credential login secret|server host machine database|deploy release ship rollout|deadline due date|email mail message`;

/** What a kind of thing is asked for by, and what answers may name. */
const KINDS = `
activity hobby interest pastime leisure: hike camp swim paint read run dance yoga cook bake garden fish cycle bike kayak surf ski climb draw photography chess knit museum picnic sport game movie music write travel volunteer gym meditate
pet animal: dog cat puppy kitten turtle tortoise hamster rabbit bird parrot fish snake horse lizard cow pig goat sheep hen
food dish meal snack dessert cuisine eat: cake pie bread pizza pasta soup salad chicken beef pork fish rice sandwich sushi curry cookie chocolate cheese fruit vegetable apple banana egg steak burger taco noodle pancake
allergy intolerance diet: peanut nut milk gluten egg shellfish soy lactose vegan vegetarian sugar
drink beverage: coffee tea beer wine juice soda water milk whisky cocktail lemonade
instrument: guitar piano violin drum clarinet flute cello trumpet saxophone bass harp organ
art craft creative: paint drawing sculpture pottery mural sketch photography poem song novel knit sew
sport exercise: basketball soccer football baseball tennis golf hockey volleyball swim run yoga box cycle surf ski climb gym rugby cricket judo row
family relative: mother father sister brother son daughter wife husband aunt uncle cousin niece nephew grandma grandpa parent child
event: party wedding concert festival parade race tournament conference fair workshop ceremony meeting exhibition dinner reunion picnic funeral
place location city country town: park beach mountain city town lake forest museum cafe restaurant hotel church school island castle river street club village
job career profession occupation: engineer teacher nurse doctor manager developer designer programmer lawyer chef coach artist writer accountant scientist pilot driver waiter founder intern consultant
vehicle transport: car truck bike bicycle motorcycle bus train plane boat van scooter tram ferry
game: chess poker card board video console puzzle dice
genre: rock jazz pop classical rap folk country fantasy mystery comedy drama thriller romance horror biography
health illness condition symptom: pain injury hospital doctor asthma allergy surgery heart blood weight headache fever flu cold diabetes cancer
feeling emotion mood: happy sad excited nervous proud grateful anxious scared stress relieved lonely angry upset joy
device gadget: phone laptop computer tablet headset keyboard camera watch printer monitor
clothes clothing wear: shirt dress shoe boot jacket hat skirt hoodie coat jeans sweater suit scarf ring
colour color: red blue green yellow black white purple orange pink brown grey gray
gift present: necklace book painting bracelet card ring flower toy watch ticket
nature outdoors: forest mountain lake beach river trail waterfall park sunset sky star sea ocean canyon
setback hardship: injury loss accident fail died fired divorce flood damage illness
subject degree field: math history physics chemistry biology art music law medicine psychology engineering economics philosophy
relationship status: single married girlfriend boyfriend partner divorced engaged wife husband
language: english spanish french german italian chinese japanese korean portuguese arabic russian hindi dutch
programming framework technology: javascript typescript python java rust go react node sql docker kubernetes linux
furniture room: table chair sofa bed desk shelf kitchen bedroom bathroom garage balcony
season time: spring summer autumn winter morning afternoon evening night weekend
weather: rain snow storm sunny cold hot wind flood hurricane`;

const groups: string[][] = [];
const groupsOf = new Map<string, number[]>();
for (const line of ALIKE.trim().split(/[|\n]/)) {
  const stems = [...new Set(line.trim().split(/\s+/).map(stem))];
  const group = groups.push(stems) - 1;
  for (const each of stems) groupsOf.set(each, [...(groupsOf.get(each) ?? []), group]);
}
const members = new Map<string, Set<string>>();
for (const line of KINDS.trim().split("\n")) {
  const [names, examples] = line.split(": ") as [string, string];
  for (const name of names.split(" ").map(stem)) {
    const known = members.get(name) ?? new Set();
    for (const example of examples.split(" ")) known.add(stem(example));
    members.set(name, known);
  }
}

/** Stems that may be said in place of this one. */
export function alike(stemmed: string): Iterable<string> {
  return (groupsOf.get(stemmed) ?? []).flatMap((group) => groups[group] as string[]);
}

/** Stems of what this one is a kind of: `dog` for `pet`. */
export function examplesOf(stemmed: string): Iterable<string> {
  return members.get(stemmed) ?? [];
}
