"""English words of the prompter by class; a word has one class, and what it does in a sentence is learnt.

Classes of things and colours name what they stand for; `as:` classes are of verbs; nouns take a plural.
"""

from __future__ import annotations

from vplanner_models.prompter_verbs_en import VERBS

WORDS: dict[str, str] = {
    "noun:cube": "cube|block|brick|dice|die|building block|toy block|wooden block|lego|lego brick|lego block|cuboid|"
    "cube block|little box|square block|cubie|bricklet|blocky thing|cubic thing|cube thing|square thing|six sided thing|"
    "box|toy box|wooden box|cubelet|wooden cube|toy cube|square box|little cube",
    "noun:ball": "ball|sphere|orb|marble|globe|bead|pingpong ball|ping pong ball|round thing|round object|round one|"
    "spherical thing|spherical object|rubber ball|ballie|globule|bouncy ball|roly poly|toy ball|"
    "round ball|small sphere|toy marble|balls thing",
    "noun:bowl": "bowl|dish|basin|container|receptacle|vessel|salad bowl|soup bowl|cereal bowl|mixing bowl|tub|bowlful|"
    "shallow dish|round dish|punch bowl|washbowl|serving bowl|serving dish|"
    "dog bowl|fruit bowl|plastic bowl|saucer bowl",
    "noun:zone": "zone|area|region|patch|target zone|target area|goal area|goal zone|landing zone|landing pad|circle|disc|"
    "disk|mat|pad|spot|marked area|marked spot|marking|marker|target|target region|target spot|sector|section|goal|field|"
    "drop zone|coloured patch|colored patch|floor marking|target circle|target disc|marked zone|marked region|marked circle|"
    "coaster|parking spot|dot|territory|delivery zone|"
    "square|tile|rectangle|taped area|coloured square|colored square|marked square|painted square|floor square|blotch|"
    "bay|plot|oval|stretch|landing spot|delivery spot|destination|round mark|place mat|painted area|painted spot|"
    "target square",
    "noun:button": "button|pushbutton|buzzer|start button|panel button|"
    "button thing|knob you press|big button|dome button|bell button|round button|"
    "switch|knob|push switch|push knob|button switch|red-hot button|stop button|clicker|press button",
    "noun:drawer": "drawer|desk drawer|cabinet drawer|sliding drawer|cupboard drawer|drawer unit|table drawer|"
    "sliding tray|sliding box|drawer box|drawer front|drawer handle|drawer pull|drawer knob|compartment|"
    "storage drawer|cabinet|filing drawer|pull out drawer|slide out drawer|slide-out tray|chest|"
    "pull-out|pullout|drawer thing|storage box drawer",
    "noun:lever": "lever|crank|control lever|lever arm|control stick|switch lever|hand lever|lever handle|toggle lever|"
    "lever bar|throttle|control arm|swing arm|crank handle|rotary handle|rotating handle|"
    "gear lever|lever switch|lever thing|pull lever|pivot arm|metal arm",
    "noun:cup": "cup|mug|beaker|tumbler|teacup|coffee cup|tea cup|coffee mug|drinking cup|goblet|paper cup|plastic cup|"
    "drinking vessel|sippy cup|cuppa|chalice|"
    "glass|drinking glass|water glass|teaglass|shot glass|tankard|stein",
    "noun:peg": "peg|pin|rod|dowel|stick|pole|spike|stake|dowel pin|wooden peg|wooden stick|round stick|wooden rod|"
    "shaft|dowel rod|round bar|cylindrical pin|bolt|bar|baton|stub|skewer|"
    "wooden pin|wooden dowel|metal rod|cylinder peg|plug pin|tube pin|wooden bar|dowel stick",
    "noun:hole": "hole|socket|slot|opening|cavity|aperture|recess|peg hole|bore|pinhole|mating hole|round hole|port|"
    "round opening|drilled hole|borehole|peg socket|hollow|"
    "peg slot|hole thing|drill hole|insert hole|pit|receiver|gap|mounting hole|peg board hole|peg opening",
    "noun:handle": "handle|grip|hand grip|bar handle",
    "noun:thing": "thing|object|item|piece|article|toy|bit|entity|prop|gizmo|thingy",
    "everything": "everything|anything|whatever|all of them|them|those|these|stuff|bits and pieces|bits and bobs|the lot|"
    "the whole lot|all of it|each of them|every one of them|every thing|all things|any thing|anything that|all|"
    "whatever's|the entire lot|all the stuff|all the things|all that",
    "one": "one|ones",
    "pronoun": "it|this|that|its|itself|the latter|the former",
    "contents": "contents|content|liquid|whatever is in|whatever's in|what is in|what's in|what's inside|"
    "what is inside|filling|water|juice|everything in|all that is in|everything inside|stuff in|stuff inside",
    "robot": "robot|you|yourself|robot base|your base|base of the robot|robot's base|arm base|base|us|me",
    "gripper": "gripper|hand|arm|robot arm|end effector|end-effector|fingers|claw|fingertips|robot hand|tool|tool tip|"
    "tcp|pincers|pincer|fingertip|finger|manipulator|jaws|grabber|effector",
    "table": "table|tabletop|table top|desk|desktop|surface|workspace|work surface|bench|worktop|board|ground|scene",
    "colour:red": "red|crimson|scarlet|ruby|cherry|cherry red|blood red|dark red|bright red|light red|fire engine red|"
    "vermilion|brick red|reddish|burgundy|carmine|tomato red|cardinal|garnet|ruby red|cherry-red|dark-red|fiery red|rosso|"
    "rose red|wine red|wine-red|ruby-red|lipstick red|poppy red|redish|rust red|strawberry red|candy red|"
    "cherry coloured|blood-red|fire red|maroon red|rusty red|crimson red|scarlet red",
    "colour:green": "green|emerald|lime|lime green|dark green|light green|bright green|grass green|olive green|"
    "forest green|greenish|mint|mint green|jade|leaf green|sea green|pea green|moss green|neon green|grassy|apple green|"
    "avocado|pine green|bottle green|verdant|grass-green|leafy green|shamrock|"
    "emerald green|olive|sage|jade green|kelly green|seafoam|greeny|forest-green|lime-green|pale green|hunter green|"
    "dark-green|light-green|teal green|chartreuse|fern|basil|kiwi",
    "colour:blue": "blue|navy|navy blue|azure|cobalt|sapphire|sky blue|light blue|dark blue|royal blue|bluish|"
    "ultramarine|cobalt blue|baby blue|ocean blue|deep blue|bright blue|sky-blue|indigo blue|cerulean|denim|marine blue|"
    "electric blue|midnight blue|powder blue|dark-blue|light-blue|ocean-blue|"
    "indigo|navy-blue|steel blue|teal blue|sapphire blue|azure blue|blueish|dark navy|ink blue|royal-blue|cornflower|"
    "cornflower blue|aqua|turquoise blue|petrol blue|cyan blue|pale blue|icy blue|baby-blue",
    "colour:yellow": "yellow|lemon|lemon yellow|golden|golden yellow|canary|canary yellow|sunny yellow|mustard|"
    "bright yellow|yellowish|light yellow|banana yellow|sunflower|sunshine yellow|dark yellow|pale yellow|"
    "banana-coloured|lemon-coloured|lemon-yellow|blonde|amber yellow|mustard yellow|buttercup|sun-coloured|"
    "gold coloured|gold-coloured|lemony|sunshine|sunny|yellowy|bright-yellow|honey|honey yellow|saffron|straw yellow|"
    "corn yellow|mustard-coloured|mustard colored|custard|blond|daffodil|butter yellow",
    "colour:orange": "orange|tangerine|amber|pumpkin|carrot orange|bright orange|orangey|orangish|dark orange|"
    "apricot|light orange|carrot-coloured|carrot coloured|mandarin|tangerine orange|pumpkin-coloured|rust orange|"
    "orange-coloured|pumpkin orange|coral orange|burnt orange|peach|"
    "orangy|terracotta|carrot|ginger|sunset orange|neon orange|copper orange|clementine|traffic cone orange|"
    "salmon orange|coral|bright-orange|dark-orange|persimmon|tangerine-coloured",
    "colour:purple": "purple|violet|lilac|lavender|mauve|plum|purplish|dark purple|light purple|grape|aubergine|"
    "amethyst|eggplant|royal purple|grape-coloured|bright purple|violet blue|plum-coloured|deep purple|orchid|"
    "magenta purple|violet coloured|lavender purple|lilac purple|indigo purple|purply|purple-ish|wine purple|heather|"
    "pale violet|periwinkle|mulberry|violet-ish|deep violet|dark violet|pale purple|wisteria|aubergine coloured|"
    "lavender coloured",
    "colour:white": "white|ivory|snow white|whitish|pure white|off white|off-white|snowy|milky|milk white|chalk white|"
    "pearl|cream|alabaster|cream-coloured|snow-white|pale white|eggshell|creamy white|bone white|porcelain white|"
    "snow|snow coloured|pale|paper white|bright white|blank|plain white|vanilla|linen|cloud white|chalky|chalk|"
    "milk-white|pearl white|pearly|ivory white|ivory coloured|bleached|whiteish",
    "colour:grey": "grey|gray|silver|ash|ash grey|slate|slate grey|greyish|grayish|dark grey|light grey|charcoal|"
    "dark gray|light gray|silvery|ashen|concrete grey|lead grey|steel grey|silver grey|smoky grey|stone grey|gunmetal|"
    "slate gray|steel gray|mouse-grey|stone-coloured|silver-grey|pewter|"
    "greyish-white|ash gray|ash-grey|graphite|dove grey|platinum|silver coloured|silver-coloured|stainless|cement|"
    "cement grey|iron grey|charcoal grey|charcoal gray|grey-ish|mid grey|medium grey|smoke grey|slate-grey|metal grey",
    "strange_colour": "pink|black|brown|turquoise|cyan|magenta|gold|beige|teal|maroon|bronze|copper|transparent|"
    "striped|rainbow|spotted|multicoloured|multicolored|invisible|metallic|translucent|colourless|khaki|checkered|tan|"
    "fuchsia|salmon|hot pink|neon pink|see-through|chrome|pitch black|dark brown|polka dot|plaid|tartan|aquamarine|"
    "rose|taupe|sepia|camouflage|jet black",
    "colour_word": "colour|color|coloured|colored|hue|colours|colors|shade|tint|tone|colouring",
    "same_colour": "same colour|same color|same-coloured|same-colored|its colour|its color|matching|by colour|by color|"
    "own colour|own color|their colour|their color|corresponding|same hue|according to colour|according to color|like-coloured|"
    "its own colour|its own color|their own colour|like coloured|equally coloured|that matches|identical colour|"
    "colour-matched|color-matched|colour matching|their own color|that match|of like colour|respective|"
    "same as its colour|same shade|colour coordinated|color coordinated|colour sort|color sort|colour sorted|"
    "the same colour as it|matches its colour|matches their colour|match their colours|match their colour|"
    "match their colors|match its color|matching their colours|share its colour|shares its colour|agree in colour|"
    "colours match|colors match|colour match|color match|colour-coded|color-coded|by their colour|by their colours|"
    "by their color|by their colors|based on colour|based on color|by hue|by shade|colour by colour|like with like|"
    "same-colour|same-color|whose colour matches|same colored|same coloured",
    "left": "left|left of|to the left of|left side of|left hand side of|on the left of|to the left|on the left|left-hand|"
    "left hand|to the left-hand side of|on the left side of|at the left of|to the left side of|on the left hand side of|"
    "left from|lefthand|on the left-hand side of|port side of|just left of|at the left|on the left side|left side|"
    "port side|left-side|on your left|on its left|on my left|to your left|at your left|on the left-hand side|"
    "on the left hand side|left one|lefthand side|leftward|left edge|leftwards of|off to the left of|off to the left|"
    "over on the left|towards the left|toward the left",
    "right": "right|right of|to the right of|right side of|right hand side of|on the right of|to the right|on the right|"
    "right-hand|right hand|on the right side of|at the right of|to the right side of|on the right hand side of|right from|"
    "righthand|to the right-hand side of|on the right-hand side of|just right of|at the right|on the right side|right side|"
    "right-side|on your right|on its right|on my right|to your right|at your right|on the right-hand side|"
    "on the right hand side|righthand side|rightward|right edge|rightwards of|off to the right of|off to the right|"
    "over on the right|towards the right|toward the right|starboard side of",
    "leftmost": "leftmost|left most|left-most|furthest left|farthest left|furthest to the left|farthest to the left|"
    "most to the left|most left|all the way left|far left|extreme left|all the way to the left|on the far left|"
    "all the way over left|most leftward|extreme left-hand|very left|on the very left|leftest",
    "rightmost": "rightmost|right most|right-most|furthest right|farthest right|furthest to the right|most to the right|"
    "farthest to the right|most right|all the way right|far right|extreme right|all the way to the right|on the far right|"
    "all the way over right|most rightward|extreme right-hand|very right|on the very right|rightest",
    "front": "in front of|before|ahead of|in the front of|frontmost|front|in front|this side of|to the front of|"
    "facing|just in front of|right in front of|directly in front of|foremost|nearer than|closer than|"
    "at the front of|at the front|on this side of|in the front|up front|forward of|front-most|nearer to you than|"
    "nearer to the robot than|closer to you than|closer to the robot than|closest side of",
    "behind": "behind|in back of|at the back of|beyond|in the back of|back of|past|rear of|on the far side of|"
    "on the other side of|directly behind|just behind|right behind|hidden behind|to the rear of|at the rear of|rearmost|"
    "hindmost|backmost|further away than|round the back of|on the back side of|in the shadow of|"
    "at the back|in the back|at the rear|at the far end|further back than|to the back of|farther away than|"
    "further from you than|farther from the robot than|back-most|in back|at the very back|round behind|back",
    "next_to": "next to|beside|near|by|close to|besides|alongside|adjacent to|nearby|neighbouring|neighboring|around|"
    "at the side of|right next to|right by|touching|adjoining|in the vicinity of|bordering|hard by|right beside|"
    "right up against|next door to|to the side of|at the side|flanking|hugging|sitting beside|alongside of|"
    "on the side of|side by side with|close beside|nearby to|neighbour of|neighbor of|abutting",
    "nearest": "nearest|nearest to|closest|closest to|nearer|closer|closer to|nearer to|nearest the|least far from|"
    "least distant from|least far|shortest distance to|right by your side|shortest distance from|most close to|most near to|"
    "close by you|nearest you|closest you|nearest us|closest by|most nearby|least away from|"
    "at the shortest distance from|near end|nearest-to|nearest by|the closest to|the nearest to|near",
    "farthest": "farthest|furthest|farthest from|furthest from|farthest away from|furthest away from|most distant|"
    "most distant from|farther|farther from|further from|remotest from|furthest away|farthest away|most remote|"
    "most remote from|remotest|longest distance from|greatest distance from|most far from|least near|least close to|"
    "far|farther away|further away|further|furthest off|farthest off|most far away|most far|"
    "at the greatest distance from|far end|furthest out|farthest out|farther off|the farthest from|the furthest from|"
    "distant|further off|outermost",
    "between": "between|in between|amid|among",
    "biggest": "biggest|largest|smallest|tiniest|heaviest|lightest|tallest|big|large|small|tiny|huge|heavy|giant|"
    "oldest|shiniest|hottest|cheapest|prettiest|bigger|smaller|larger|best|nicest|middle|centre|center|second|third|last one",
    "on": "on|onto|on top of|atop|over|upon|above|on the top of|on to|up on|up onto|on top|at the top of",
    "under": "under|below|beneath|underneath|at the bottom",
    "in": "in|into|inside|within|inside of|in to|to the inside of|to the interior of",
    "to": "to|toward|towards|up to|over to|until|till|at|against|as far as",
    "from": "from|out of|off|away from|of",
    "all": "every|each|all the|all of the|all of|each of the|every one of the|both|both of the|"
    "every single|each and every|all these|all those|the whole lot of|all my|whole set of|every last|the entire|entire|"
    "pairs|both the|as many|each one of the|every one of|"
    "all of these|all of those|each of these|all your|any and all|the two|the three|the pair of|all three|all two|"
    "all four|both of|both of these|both of those|the set of|the complete set of|the full set of|the bunch of|"
    "one by one|one after another|one at a time|each last|all sorts of|all around",
    "other": "other|another|remaining|rest|second one|the rest|others|leftover|still left|left over|"
    "the others|other ones|the other ones|the remaining|what is left|what remains|whatever is left|whatever remains|"
    "the remainder|remainder|all others|all the others|all the other|all other|everything else|anything else|"
    "every other|the rest of|the rest of the|the rest of them|the remaining ones|the leftover|each other one",
    "number": "any|any of the|either|whichever|two|three|four|five|2|3|4|5|couple of|pair of|several|some|few|2x",
    "not": "not|isn't|is not|aren't|are not|n't|wasn't|nor|non|neither|ain't|no|isnt|arent|never|other than|except|"
    "except for|but not|apart from|aside from|excluding|save for|without|bar the|anything but|rather than|instead of|"
    "but the|leaving out|minus|with the exception of|barring|skip|skipping|ignore|ignoring|leave out|avoid|spare|anything other than|"
    "excluded|exempt|unless|neither of|everything but|all but|"
    "save|bar|leaving aside|leaving out the|all except|all bar|everything bar|everything except|everything except for|"
    "everything apart from|everything other than|other than that|different from|unlike|as opposed to|opposed to|"
    "not including|exclude|omit|omitting|anything except|any except|anywhere but|anyone but|any but|ain't the|not a|"
    "not the|disregard|disregarding|steer clear of|stay away from|keep away from|hands off|with exception of|no way|"
    "isn't the|leave alone|don't use|don't take|don't touch|do not use|do not take|do not touch|don't pick|"
    "don't choose|don't include|never mind|never take|never use|not in|not on|not into|not onto|not to|definitely not|"
    "certainly not|absolutely not|just not|only not",
    "dont": "do not|don't|dont|must not|mustn't|cannot|can't|should not|shouldn't|refrain from|stop|cease|forbid|"
    "under no circumstances|forbidden|prohibited|not allowed|will not|won't|not to|quit|abstain from|no need to|"
    "please avoid|let's not|better not|by no means|on no account|rather not|prevent|needn't|need not|not supposed to",
    "and": "and|&|plus|as well as|along with|together with|also|as well|too",
    "then": "then|and then|after that|afterwards|afterward|next|subsequently|finally|lastly|thereafter|"
    "followed by|following that|once done|when done|once that is done|when that's done|once that's done|later|"
    "in the end|at the end|to finish|whereupon|after which|thereupon|and after that|at last|when finished|second,|third,|"
    "once you're done|once finished|secondly|step two|step 2|and finally|when you are done|that done|"
    "once it's done|once that's over|having done that|after doing that|when you've done that|when you have done that|"
    "after you've done that|once you've done that|next up|and now|and next|right after|right after that|"
    "immediately after|immediately afterwards|followed up by|with that done|when you're done|when done with that|"
    "after this|before finally|last of all|last|as a last step|as a final step|as the last step|and lastly|step three|"
    "step 3|third|to end with|to round off|next thing|on completion|upon completion|once complete",
    "first": "first|firstly|first of all|to begin|to start|begin by|start by|start with|first up|initially|"
    "to begin with|step one|to start with|for starters|first off|step 1|"
    "begin with|beginning with|starting with|start off by|as a first step|as step one|before anything else|"
    "before all else|at first|right off|the first thing|first thing|before everything else|to kick off|kick off with|"
    "kick off by",
    "after": "after|once|when|as soon as|having|following|now that|"
    "once you have|once you've|after you have|after you've|when you have|when you've|as soon as you have|the moment|"
    "immediately after|right after|soon after|after having|upon|directly after|no sooner than",
    "before_": "prior to|but first|beforehand|but before that|before that|earlier|ahead of that|but only after|"
    "first though|before you do that|before you do|before doing that|before doing so|ahead of this|prior to this|"
    "preceded by|until you have|only after|only once|not before",
    **VERBS,
}
STRANGE = (
    "apple|pear|orange juice|melon|carrot|potato|tomato|onion|bread|cheese|egg|cake|pizza|sandwich|banana|pyramid|"
    "bottle|plate|fork|spoon|knife|pot|pan|kettle|teapot|jar|can of|tin|lid|basket|bucket|bag|crate|suitcase|tray|"
    "chair|sofa|bed|lamp|shelf|cupboard|window|door|wall|floor|ceiling|roof|house|car|truck|train|plane|rocket|"
    "boat|ship|bicycle|wheel|engine|key|padlock|chain|rope|wire|cable|phone|laptop|keyboard|mouse|monitor|screen|"
    "camera|radio|clock|watch|book|pen|pencil|paper|notebook|eraser|ruler|scissors|tape|stapler|hammer head|"
    "screwdriver|screw|nut|gear|spring|sponge|towel|soap|brush head|comb|shirt|shoe|sock|hat|glove|coat|"
    "dog|cat|bird|fish|horse|cow|elephant|tiger|lion|bear|rabbit|flower|tree|leaf|grass|stone|rock|sand|star|sun|planet|moon|"
    "cone|cylinder|prism|torus|triangle|hexagon|tetrahedron|heart|arrow|statue|doll|toy robot|"
    "drone|puzzle|card|coin|banknote|ticket|map|flag|guitar|piano|drum|violin|trumpet|candle|lighter|"
    "bomb|sword|shield|helmet|mask|mirror|picture|frame|vase|cushion|blanket|carpet|curtain|ladder|fence|gate|"
    "bridge|river|lake|mountain|cloud|island|king|queen|child|teacher|doctor|pigeon|spider|snake|"
    "wallet|umbrella|battery|magnet|tube|pipe|hose|toilet|bathtub|shower|fridge|oven|stove|microwave oven|toaster|"
    "light switch|dial|joystick|pedal|saucer|barrel|pouch|purse|envelope|bin|trash|trash can|garbage|waste bin|garden|"
    "kitchen|room|street|city|sky|space|mars|pocket|backpack|refrigerator|dishwasher|washing machine|tv|television|"
    "teddy|teddy bear|dinosaur|unicorn|dragon|ring|plug socket|lightbulb|bulb|fan|heater|printer|"
    "hole punch|balloon|kite|skateboard|football pitch|newspaper|letter|parcel|package|needle|thread spool|pillow|"
    "light|lights|music|song|coffee|tea|dinner|lunch|breakfast|milk|sugar|salt|pepper|lemonade|beer|wine|dust|dirt|"
    "grandma|mother|father|neighbour|ghost|alien|baby|owner|cactus|pineapple|strawberry|donut|cookie|hamster"
)
PLAIN = (
    "match matches matched matching latches catches hatches opposite foundation trouble hurry end rear pointing anywhere nowhere fine firmly trip mess order job please thanks hey state chance return favour favor missing mean meant ended thing things spots extreme disappear somebody nobody kindly whose own itself been being becomes hers theirs "
    "a an the and or but so as at be been being by can could did do does done each else ever even every few for from get "
    "gets getting give gives given go goes going gone good got had has have having he her here him his how i if is "
    "it its kind like likes little lot made make makes making many may me mine more most much must my name need needs "
    "never new nice no nobody none nothing now of off often old once only or our ours out own part per place please "
    "quite rather really same say says see seen she should side simply since some someone something soon still such "
    "sure than thank that their them then there they though thing time too true try trying turn up us use used using "
    "very via want wants was way we well went were what when where while who whole whose why will wish with within "
    "wood wooden work would yes yet you your able above along also always among any anyone away bad because become "
    "before began begin best better beyond body both bottom bring built busy called came care case cause chance change "
    "clear coming cool couple course current day days dear deep detail different direct doing double down during early "
    "easy edge effort eight either end enough entire exact example extra face fact fall fast fell felt find fine five "
    "flat force form forth forward four free full fully game gave gently gets goal ground group hall hand hard head "
    "hear heard held help high hold home hope hour human idea inch instead item keep kept knew know known land large "
    "late learn least less level life line list live long look looking looks lose loss lost love main mean means meet "
    "mess middle might mind minute moment morning move name neat never next night none north note object okay "
    "order over pace pair pass past path people person pick plan play point polite poor possible power present proper "
    "quick quiet quite rain range rate read ready real reason rest rise road role room rule safe said sake same save "
    "scene second seem sense sent seven ship short show shown sides sign similar single size slow slight small smart "
    "smooth soft sort sound south speed spend stand start state stay step steps stuff such table talk tall task tell "
    "test text they thin think those three through thus tidy tiny told tone took total toward track trust type under "
    "until upper useful usual view visit voice wait walk warm week weight west wide wild wise word words world worth "
    "wrong year young zero bell bull call mall hell fell bold bolt bore born bull cure curb curve cute tube tune line "
    "lime late lever fever never sever ever clever bowl bow howl owl foul fowl cap cop cub cuff pup mug hug bug dug rug "
    "pig big beg leg peg hole whole mole pole role sole hope home bread breed greed green greet grain grew grow great "
    "grass blue glue blur blew red bed led fed read rad rid rod road write while whale white quite spite grey prey gray "
    "pray tray purple people orange range arrange yellow mellow fellow below zone bone tone gone done one none prone drone "
    "ball bail bald balm wall tall block clock flock lock black brick trick prick drink bring drawn draw drawing drew "
    "button mutton bottom cotton better butter place plane plant plate push bush rush pull full poll pulp press dress "
    "open oven opera close clothes shoot shut shot touch tough torch reach beach teach peach each pour tour four sour "
    "your stack stock stuck track slack insert invert desert pile mile file tile place race lace push slide slice "
    "bride pride ride wide side hide tide lift left loft gift sift take tale lake make wake bake cake put pit pet pot "
    "but cut hut nut gut rut grab crab drab trap strap wrap drop crop prop stop shop chop move love dove glove prove "
    "upside sideways straight aside across onto apart back base bits job hello hurry honestly actually currently "
    "directly properly exactly fully completely entirely together perhaps maybe definitely certainly basically literally "
    "gives lying laying looking standing currently visible located situated anywhere somewhere everywhere"
)
