"""English words of the prompter by class; a word has one class, and what it does in a sentence is learnt.

Classes of things and colours name what they stand for; `as:` classes are of verbs; nouns take a plural.
"""

WORDS: dict[str, str] = {
    "noun:cube": "cube|block|brick|dice|die|building block|toy block|wooden block|lego|lego brick|lego block|cuboid|"
    "cube block|little box|square block|cubie|bricklet|blocky thing|cubic thing|cube thing|square thing|six sided thing",
    "noun:ball": "ball|sphere|orb|marble|globe|bead|pingpong ball|ping pong ball|round thing|round object|round one|"
    "spherical thing|spherical object|rubber ball|ballie|globule|bouncy ball|roly poly|toy ball",
    "noun:bowl": "bowl|dish|basin|container|receptacle|vessel|salad bowl|soup bowl|cereal bowl|mixing bowl|tub|bowlful|"
    "shallow dish|round dish|punch bowl|washbowl|serving bowl|serving dish",
    "noun:zone": "zone|area|region|patch|target zone|target area|goal area|goal zone|landing zone|landing pad|circle|disc|"
    "disk|mat|pad|spot|marked area|marked spot|marking|marker|target|target region|target spot|sector|section|goal|field|"
    "drop zone|coloured patch|colored patch|floor marking|target circle|target disc|marked zone|marked region|marked circle|"
    "coaster|parking spot|dot|territory|delivery zone",
    "noun:button": "button|pushbutton|buzzer|start button|panel button|"
    "button thing|knob you press|big button|dome button|bell button|round button",
    "noun:drawer": "drawer|desk drawer|cabinet drawer|sliding drawer|cupboard drawer|drawer unit|table drawer|"
    "sliding tray|sliding box|drawer box|drawer front|drawer handle|drawer pull|drawer knob|compartment|"
    "storage drawer|cabinet|filing drawer|pull out drawer|slide out drawer|slide-out tray|chest",
    "noun:lever": "lever|crank|control lever|lever arm|control stick|switch lever|hand lever|lever handle|toggle lever|"
    "lever bar|throttle|control arm|swing arm|crank handle|rotary handle|rotating handle",
    "noun:cup": "cup|mug|beaker|tumbler|teacup|coffee cup|tea cup|coffee mug|drinking cup|goblet|paper cup|plastic cup|"
    "drinking vessel|sippy cup|cuppa|chalice",
    "noun:peg": "peg|pin|rod|dowel|stick|pole|spike|stake|dowel pin|wooden peg|wooden stick|round stick|wooden rod|"
    "shaft|dowel rod|round bar|cylindrical pin|bolt|bar|baton|stub|skewer",
    "noun:hole": "hole|socket|slot|opening|cavity|aperture|recess|peg hole|bore|pinhole|mating hole|round hole|port|"
    "round opening|drilled hole|borehole|peg socket|hollow",
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
    "vermilion|brick red|reddish|burgundy|carmine|tomato red|cardinal|garnet|ruby red|cherry-red|dark-red|fiery red|rosso",
    "colour:green": "green|emerald|lime|lime green|dark green|light green|bright green|grass green|olive green|"
    "forest green|greenish|mint|mint green|jade|leaf green|sea green|pea green|moss green|neon green|grassy|apple green|"
    "avocado|pine green|bottle green|verdant|grass-green|leafy green|shamrock",
    "colour:blue": "blue|navy|navy blue|azure|cobalt|sapphire|sky blue|light blue|dark blue|royal blue|bluish|"
    "ultramarine|cobalt blue|baby blue|ocean blue|deep blue|bright blue|sky-blue|indigo blue|cerulean|denim|marine blue|"
    "electric blue|midnight blue|powder blue|dark-blue|light-blue|ocean-blue",
    "colour:yellow": "yellow|lemon|lemon yellow|golden|golden yellow|canary|canary yellow|sunny yellow|mustard|"
    "bright yellow|yellowish|light yellow|banana yellow|sunflower|sunshine yellow|dark yellow|pale yellow|"
    "banana-coloured|lemon-coloured|lemon-yellow|blonde|amber yellow|mustard yellow|buttercup|sun-coloured",
    "colour:orange": "orange|tangerine|amber|pumpkin|carrot orange|bright orange|orangey|orangish|dark orange|"
    "apricot|light orange|carrot-coloured|carrot coloured|mandarin|tangerine orange|pumpkin-coloured|rust orange|"
    "orange-coloured|pumpkin orange|coral orange|burnt orange|peach",
    "colour:purple": "purple|violet|lilac|lavender|mauve|plum|purplish|dark purple|light purple|grape|aubergine|"
    "amethyst|eggplant|royal purple|grape-coloured|bright purple|violet blue|plum-coloured|deep purple|orchid",
    "colour:white": "white|ivory|snow white|whitish|pure white|off white|off-white|snowy|milky|milk white|chalk white|"
    "pearl|cream|alabaster|cream-coloured|snow-white|pale white|eggshell|creamy white|bone white|porcelain white",
    "colour:grey": "grey|gray|silver|ash|ash grey|slate|slate grey|greyish|grayish|dark grey|light grey|charcoal|"
    "dark gray|light gray|silvery|ashen|concrete grey|lead grey|steel grey|silver grey|smoky grey|stone grey|gunmetal|"
    "slate gray|steel gray|mouse-grey|stone-coloured|silver-grey|pewter",
    "strange_colour": "pink|black|brown|turquoise|cyan|magenta|gold|beige|teal|maroon|bronze|copper|transparent|"
    "striped|rainbow|spotted|multicoloured|multicolored|invisible|metallic|translucent|colourless|khaki|checkered|tan|"
    "fuchsia|salmon|hot pink|neon pink|see-through|chrome|pitch black|dark brown|polka dot|plaid|tartan|aquamarine|"
    "rose|taupe|sepia|camouflage|jet black",
    "colour_word": "colour|color|coloured|colored|hue|colours|colors|shade|tint|tone|colouring",
    "same_colour": "same colour|same color|same-coloured|same-colored|its colour|its color|matching|by colour|by color|"
    "own colour|own color|their colour|their color|corresponding|same hue|according to colour|according to color|like-coloured|"
    "its own colour|its own color|their own colour|like coloured|equally coloured|that matches|identical colour|"
    "colour-matched|color-matched|colour matching|their own color|that match|of like colour|respective",
    "left": "left|left of|to the left of|left side of|left hand side of|on the left of|to the left|on the left|left-hand|"
    "left hand|to the left-hand side of|on the left side of|at the left of|to the left side of|on the left hand side of|"
    "left from|lefthand|on the left-hand side of|port side of|just left of|at the left|on the left side|left side",
    "right": "right|right of|to the right of|right side of|right hand side of|on the right of|to the right|on the right|"
    "right-hand|right hand|on the right side of|at the right of|to the right side of|on the right hand side of|right from|"
    "righthand|to the right-hand side of|on the right-hand side of|just right of|at the right|on the right side|right side",
    "leftmost": "leftmost|left most|left-most|furthest left|farthest left|furthest to the left|farthest to the left|"
    "most to the left|most left|all the way left|far left|extreme left|all the way to the left|on the far left",
    "rightmost": "rightmost|right most|right-most|furthest right|farthest right|furthest to the right|most to the right|"
    "farthest to the right|most right|all the way right|far right|extreme right|all the way to the right|on the far right",
    "front": "in front of|before|ahead of|in the front of|frontmost|front|in front|this side of|to the front of|"
    "facing|just in front of|right in front of|directly in front of|foremost|nearer than|closer than",
    "behind": "behind|in back of|at the back of|beyond|in the back of|back of|past|rear of|on the far side of|"
    "on the other side of|directly behind|just behind|right behind|hidden behind|to the rear of|at the rear of|rearmost|"
    "hindmost|backmost|further away than|round the back of|on the back side of|in the shadow of",
    "next_to": "next to|beside|near|by|close to|besides|alongside|adjacent to|nearby|neighbouring|neighboring|around|"
    "at the side of|right next to|right by|touching|adjoining|in the vicinity of|bordering|hard by|right beside",
    "nearest": "nearest|nearest to|closest|closest to|nearer|closer|closer to|nearer to|nearest the|least far from|"
    "least distant from|least far|shortest distance to|right by your side|shortest distance from|most close to|most near to",
    "farthest": "farthest|furthest|farthest from|furthest from|farthest away from|furthest away from|most distant|"
    "most distant from|farther|farther from|further from|remotest from|furthest away|farthest away|most remote|"
    "most remote from|remotest|longest distance from|greatest distance from|most far from|least near|least close to",
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
    "pairs|both the|as many|each one of the|every one of",
    "other": "other|another|remaining|rest|second one|the rest|others|leftover|still left|left over",
    "number": "any|any of the|either|whichever|two|three|four|five|2|3|4|5|couple of|pair of|several|some|few|2x",
    "not": "not|isn't|is not|aren't|are not|n't|wasn't|nor|non|neither|ain't|no|isnt|arent|never|other than|except|"
    "except for|but not|apart from|aside from|excluding|save for|without|bar the|anything but|rather than|instead of|"
    "but the|leaving out|minus|with the exception of|barring|skip|skipping|ignore|ignoring|leave out|avoid|spare|anything other than|"
    "excluded|exempt|unless|neither of|everything but|all but",
    "dont": "do not|don't|dont|must not|mustn't|cannot|can't|should not|shouldn't|refrain from|stop|cease|forbid|"
    "under no circumstances|forbidden|prohibited|not allowed|will not|won't|not to|quit|abstain from|no need to|"
    "please avoid|let's not|better not|by no means|on no account|rather not|prevent|needn't|need not|not supposed to",
    "and": "and|&|plus|as well as|along with|together with|also|as well|too",
    "then": "then|and then|after that|afterwards|afterward|next|subsequently|finally|lastly|thereafter|"
    "followed by|following that|once done|when done|once that is done|when that's done|once that's done|later|"
    "in the end|at the end|to finish|whereupon|after which|thereupon|and after that|at last|when finished|second,|third,|"
    "once you're done|once finished|secondly|step two|step 2|and finally|when you are done|that done",
    "first": "first|firstly|first of all|to begin|to start|begin by|start by|start with|first up|initially|"
    "to begin with|step one|to start with|for starters|first off|step 1",
    "after": "after|once|when|as soon as|having|following|now that",
    "before_": "prior to|but first|beforehand|but before that|before that|earlier|ahead of that|but only after",
    "as:put": "put|place|set|lay|deposit|drop|pop|plonk|plop|position|dump|toss|chuck|throw|leave|drop off|plunk|"
    "transfer|relocate|load|add|bring|get|carry|move|transport|tuck|install|fling|lob|dunk|chuck|put down|"
    "set down|lay down|place down|drop down|send|convey|deliver|ferry|haul|house|park|slip|slot in|sling|whack|"
    "shift|park|hurl|relocated|bung|shovel|shunt|cart|rehome|lower|release|let go of|deposited|placed|dropped|"
    "moved|brought|carried|tossed|laid|transferred|stowed|ends up|end up|wind up|winds up|land|lands|sits|sit|lives|"
    "belong|belongs|goes|rests|lies|lie|live|sitting|lying|resting|placing|putting|dropping|moving|located|relocate|"
    "landing|shall be|ought to be|should be|must be|needs to be|has to be|has to go|should go|needs to go|arrive|arrives|"
    "make its way|find its way|find a home|contain|hold|receive|host|fill|filled|home",
    "as:away": "store|stow|stash|put away|tidy|tidy up|store away|clear away|stow away|tidy away|clean up|clear|file away|pack away|pack|"
    "put back|tuck away|stash away|hide away|sort|sort out|organise|organize|arrange|group|separate|sorted|gather|collect|"
    "gather up|collect up|round up|distribute|tidying|sorting|clear up|classify",
    "as:take": "take|pick|pick up|grab|grasp|fetch|lift|lift up|raise|seize|catch|get hold of|take hold of|"
    "snatch|scoop|scoop up|nab|hoist|retrieve|clutch|pluck|pick out|elevate|pinch|clasp|choose|find|select|"
    "picked up|lifted|taken|grabbed|hold on to|hold onto|taking|picking up|grabbing|lifting|gripping|snag|swipe|"
    "pull up|get a grip on|take out|lay hold of|locate|bag",
    "as:push": "push|shove|slide|nudge|scoot|poke|sweep|bump|thrust|prod|drag|pull|tug|draw|yank|pushed|slid|nudged|"
    "shoved|pushing|sliding|shoving|nudging|propel|roll|jostle|swept|herd|bulldoze|ram|pulled|dragged|pulling|tap along|"
    "steer|guide|budge|brush|jog|glide|slide along|slither|work|force|drive forward|swish|scrape|elbow|dragging|scooted|inch|ease",
    "as:stack": "stack|pile|balance|stack up|pile up|build|construct|tower|heap|stacked|piled|top|cover|cap|mount|"
    "stacking|piling|perch|erect|assemble|crown|balanced|building|topped|capped|crowned|pillar|support|supports|supporting|"
    "tower up|layer|superimpose|perched|rest on top",
    "as:press": "press|hit|tap|click|depress|punch|smack|strike|activate|trigger|bash|pressed|hitting|pressing|squash|"
    "actuate|engage|smash|slap|mash|push down|press down|press down on|push down on|press in|push in on|pushed down|hammer|"
    "jab|tapped|ring|fire|boop|slam down|pound|switch on|tapping|clicked|push on|press on|dab|triggered|activated|buzz",
    "as:open": "open|open up|pull open|pull out|slide open|slide out|draw open|draw out|opened|unclose|yank open|"
    "tug open|pulled open|pulled out|ajar|unlatch|opens|extract|extend|pulled outwards|uncover|unshut|wide open|expose|"
    "access|extended|pry open|roll out|reveal|outwards|outward|drawn out|slid open|slid out|pulling out|pulling open|pop open|"
    "draw back|get open|yank out|accessible",
    "as:close": "close|shut|close up|push shut|push closed|slide shut|slide closed|slide in|push in|closed|closing|"
    "shutting|seal|slam shut|slam|push back in|slide back in|shuts|slide back|push back|closes|pushed in|pushed shut|"
    "shove in|shove shut|push it in|push it back in|push home|retract|slid shut|slid in|push all the way in|inwards|inward|"
    "shut up|back in|pushed back|pushed closed|roll shut|bang shut|nudge shut|re-close|reclose|shove closed|ease shut|"
    "tuck back in|slam closed",
    "as:turn": "turn|rotate|twist|swing|flip|spin|swivel|crank up|pivot|throw over|turned|rotated|turning|rotating|revolve|"
    "turn around|swing around|swing round|turn round|switch|swung|flick|toggle|wind|operate|swinging|reverse|"
    "twisting|yank round|swing over|flip over|flipped|twirl|spun|wrench round|change over|shift over|work the|angle|rotation|"
    "quarter turn|spin round|give a turn|twisted|gyrate|twiddle|slew",
    "as:pour": "pour|tip|tilt|empty|decant|spill|pour out|tip out|empty out|dump out|tip over|discharge|poured|tipped|"
    "emptied|tilted|pouring|tipping|tilting|emptying|upend|drain|turn upside down|slosh|invert|overturn|upturn|"
    "dribble|let out|trickle|incline|lean over|shake out|unload|splash|turn over|capsize|up-end|serve|dispense|evacuate|spilled",
    "as:insert": "insert|plug|fit|thread|plug in|stick in|lodge|embed|plant|inserted|inserting|sink|screw in|wedge|"
    "fix|plugged|fitted|plunge|seat|introduce|jam|poke in|socketed|fits|fitting|peg in|inject|nest|slotted|stuck|stand|"
    "stand up|upright|vertical|vertically|seated|sheathe|implant|feed|stick upright|dock",
    "as:reach": "reach|touch|approach|go|go to|move to|head|head to|go over|hover|hover over|travel|contact|reach for|"
    "reach out|point|point at|come|drive|navigate|reached|touched|reaching|approaching|visit|make contact|"
    "feel|advance|proceed|swing by|stretch|extend towards|meet|graze|head over|walk|rest a finger|rest your hand|rub|"
    "get near|get close|get to|get next to|get over|move over|move near|move next to|move close|come near|come close|"
    "point to|line up with|aim|aim for|float|guide the|align|near up|pat|stroke|fly over|brush against|caress|go near|"
    "go close|drive to|run to|reach out for|reach out to|go towards|caressing|pay a visit|position yourself|situate|home in|"
    "move yourself|take yourself|steer towards|navigate to|zoom to|swing over to|aim at|come over|come to|touch down",
    "as:cannot": "eat|paint|wash|break|cut|sing|melt|burn|kick|smash up|explode|heat|cook|photograph|count|describe|hide|"
    "juggle|bend|fold|weigh|measure|clean|repair|sell|buy|destroy|lick|smell|squeeze|shake|polish|freeze|boil|iron|"
    "swallow|water the|chase|delete|download|print|tie|knot|sew|bake|duplicate|copy|unscrew|saw|glue|peel|inflate|rent|"
    "steal|hug|kiss|call|email|levitate|catapult|shoot|vaporise|dissolve|recolour|repaint|crush|tear|rip|bite|"
    "teleport|launch|marry|knit|buff|dye|shatter|colour in|swap|exchange|switch places|juggling|wipe|dust|scrub|"
    "compare|throw away|throw out|bounce|dribble the|wear|name|draw a picture|draw me|assemble a|disassemble|dismantle|unwrap|"
    "grow|shrink|stretch out|flatten|deflate|microwave|fry|grill|roast|slice|chop|stab|drill|weld|nail|solder|stir|whisk|sip|"
    "knock over|knock|flush|dance|jump|fly|run|sweep up|vacuum|scan|read|write|sign|calculate|translate|solve|vaporize|turn off|"
    "switch off|turn on|nibble|shrink|disinfect|taste|fillet|blow up|spray|lock|unlock|mow|varnish|hack|reboot|"
    "shut down|order|pet|feed the|bury|decorate|wrap|stamp|staple|defrost|hypnotize|hypnotise|tickle|transform|convert",
    "ask": "where|what|which|who|why|how|whose|is there|are there|do you|did you|have you|does|is|are|was|were|has|tell me|"
    "how many|what is|what's|where is|i like|i love|i see|look|describe the|explain|do i|am i|should i|remember|"
    "can i|may i|would it|show me|there is|there are|looks|seems|nice|pretty|beautiful|i think|i hate|my favourite|guess",
    "ease": "all the way|all the way round|all the way around|all the time|all the same|please|kindly|could you|can you|would you|will you|would you mind|could you please|can you please|"
    "would you please|hey|hi|hello|ok|okay|robot,|now|just|for me|for us|thanks|thank you|right now|right away|carefully|"
    "gently|slowly|quickly|try to|make sure|be sure|i want you to|i'd like you to|i would like you to|i need you to|"
    "your task is to|your job is to|the task is to|go ahead and|let's|let us|let me see you|may i ask you to|"
    "if you don't mind|when you have a moment|if you can|if possible|mate|buddy|pal|dear|dude|alright|all right|right then|"
    "right,|well,|so,|um|uh|er|erm|oh|be a dear|be so kind|be so kind as to|do me a favour|do me a favor|"
    "i want|i need|i'd like|i would like|we want|we need|i wish|i'd love|i'd appreciate it if|it would be great if|"
    "it'd be nice if|time to|it's time to|it is time to|your turn|mission|task|command|do this|see to it that|ensure|"
    "make sure that|take care that|have a go at|give it a go|manage to|proceed to|help me|cheers|ta|pretty please|asap|"
    "in one go|straight away|immediately|at once|this instant|quick|nice and slowly|softly|i'd be grateful if|i am asking you to|"
    "would you be so kind as to|could i ask you to|can i ask you to|would you kindly|any chance you could|how about|why don't you|"
    "why not|mind|feel free to|i was wondering if you could|is it possible to|are you able to|you should|you must|you have to|"
    "you need to|you can|you may|i'd rather|i expect you to|i'd prefer|i'd love for|i'd love to see|i want to see|let me see",
}
STRANGE = (
    "apple|pear|orange juice|melon|carrot|potato|tomato|onion|bread|cheese|egg|cake|pizza|sandwich|banana|pyramid|"
    "bottle|glass|plate|fork|spoon|knife|pot|pan|kettle|teapot|jar|can of|tin|lid|basket|bucket|bag|box|crate|suitcase|tray|"
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
