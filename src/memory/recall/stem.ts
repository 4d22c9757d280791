import { stemmer } from "stemmer";

/** Forms that no rule of endings leads back to their verb or noun: base, then its forms. */
const IRREGULAR = `
arise arose arisen|awake awoke awoken|beat beaten|become became|begin began begun|bend bent|bite bit bitten|bleed bled
blow blew blown|break broke broken|breed bred|bring brought|build built|burn burnt|buy bought|catch caught
choose chose chosen|come came|creep crept|deal dealt|dig dug|draw drew drawn|dream dreamt|drink drank drunk
drive drove driven|eat ate eaten|fall fell fallen|feed fed|feel felt|fight fought|find found|flee fled|fly flew flown
forbid forbade forbidden|forget forgot forgotten|forgive forgave forgiven|freeze froze frozen|get got gotten
give gave given|go went gone goes|grow grew grown|hang hung|hear heard|hide hid hidden|hold held|keep kept|kneel knelt
know knew known|lay laid|lead led|lean leant|leap leapt|learn learnt|leave left|lend lent|light lit|lose lost
make made|mean meant|meet met|mistake mistook mistaken|pay paid|prove proven|ride rode ridden|ring rang rung
rise rose risen|run ran|say said|see saw seen|seek sought|sell sold|send sent|sew sewn|shake shook shaken|shine shone
shoot shot|show shown|shrink shrank shrunk|sing sang sung|sink sank sunk|sit sat|sleep slept|slide slid|smell smelt
speak spoke spoken|speed sped|spend spent|spill spilt|spin spun|spoil spoilt|spring sprang sprung|stand stood
steal stole stolen|stick stuck|sting stung|strike struck|strive strove striven|swear swore sworn|sweep swept
swell swollen|swim swam swum|swing swung|take took taken|teach taught|tear tore torn|tell told|think thought
throw threw thrown|understand understood|wake woke woken|wear wore worn|weave wove woven|weep wept|win won
wind wound|write wrote written|child children|man men|woman women|person people|foot feet|tooth teeth|goose geese
mouse mice|life lives|wife wives|knife knives|leaf leaves|shelf shelves|half halves|wolf wolves|loaf loaves
good better best|bad worse worst|far further farther|mom mum mother mommy mummy|dad father daddy
photo photograph picture pic|film movie|bike bicycle|kid kids|television tv|phone telephone|exam examination`;

const bases = new Map<string, string>();
for (const family of IRREGULAR.trim().split(/[|\n]/)) {
  const [base, ...forms] = family.split(" ") as [string, ...string[]];
  for (const form of forms) bases.set(form, base);
}

/** The stem of a folded word: irregular forms by a list, the rest by Porter's rules; other scripts as they are. */
export function stem(word: string): string {
  const base = bases.get(word) ?? word;
  return /^[a-z]{3,}$/.test(base) ? stemmer(base) : base;
}
