/** Words that say nothing of what a text is about; question words among them. */
const WORDS = `
a an the this that these those some any each every either neither such same other another both all few more most much many
i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his himself she her hers herself
it its itself they them their theirs themselves one ones who whom whose which what when where why how
am is are was were be been being do does did done doing have has had having can could may might must shall should will would
ought and or but nor so yet if then else than because as until while of at by for with without about against between into
through during before after above below to from up down in out on off over under again further once here there now
not no only own too very just also even ever still really quite rather
i'm i've i'd i'll you're you've you'd you'll he's he'd he'll she's she'd she'll it's it'd it'll we're we've we'd we'll
they're they've they'd they'll that's that'd that'll there's here's what's who's where's when's why's how's let's
isn't aren't wasn't weren't don't doesn't didn't haven't hasn't hadn't can't cannot couldn't mustn't mightn't shan't
shouldn't won't wouldn't ain't dont didnt im ive thats whats
oh ah um uh hey hi hello yeah yes yep nope ok okay wow please thanks thank`;

export const stopWords: ReadonlySet<string> = new Set(WORDS.trim().split(/\s+/));
