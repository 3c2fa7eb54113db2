"""English grammar of the prompter's training text.

`(a|b|)` chooses one alternative; `{s}` and `{t}` are source and target. Patterns say what a sentence asks for;
the sampler checks that the objects fit.
"""

BEFORE = (
    "(plz |pls |hi there, |when you have time, |if you are not busy, |no hurry, but |don't worry, just |there is no rush, |i was hoping you could |would it be possible to |someone needs to |you mind if you |i'd be happy if you |quick one: |new task: |oi, |sorry to bother you, |i can't do it myself, so |i haven't got time, |i forgot to do this: |could i get you to |"
    "please |kindly |now |then |ok, |ok |hey robot, |robot, |robot |hello, |well, |so |just |try to |make sure to |"
    "make sure that you |you must |you have to |your task is to |your job is to |the task is to |we need to |next, |"
    "(could|can|will) you (please |kindly |now |)|i (want|need|would like|ask|wish) you to |i'd like you to |"
    "it is time to |be so kind and |quickly |slowly |carefully |gently |let's |first |your turn: |command: |do this: )"
)
AFTER = "( please| pls| plz| would you| will you| if you please| if you don't mind| mate| buddy| ok| now please| asap| when you can| already| ok?|?| thx| as usual| and be quick| without dropping anything| please and thank you|, chop chop|, will ya| right there| this time|, please| now| for me| for us| right now| right away|, thanks|, thank you| carefully| gently| slowly|!)"

_GRIPPER = "(the|your) (gripper|hand|arm|robot arm|robot|end effector|fingers|tool|robot hand|claw|fingertips)"
_TAKE = (
    "(pick up|lift|grab|take|grasp|get|fetch|pick|seize|grip|raise|catch|get hold of|collect|clutch|hold|lift up|"
    "get a grip on|take a grip of|get a hold of|keep hold of|take a firm grip of|catch hold of|lay hold of|hold onto)"
)
_AND = "( and| and then|, then| then|, and then|, and|,)"
_MUST = "(must|has to|ought to|is to|shall|is supposed to|will)"
_WANT = "(i want|i need|i'd like|i would like|we want|let me see)"
_IN = "(in|into|inside|inside of|within)"
_ON = "(on|onto|on top of|atop|over|upon the top of)"
_TO = "(to|into|onto|in|inside|over to|over into|towards|up to|over onto)"

PATTERNS: dict[str, tuple[str, ...]] = {
    "reach": (
        "(reach|reach for|reach out to|reach towards|touch|approach|contact|go near|point at|hover over) the {s}",
        "(go|move|head|travel|drive|come|get|navigate|reach|walk|drive over|move over|go over|go up|go straight) "
        "(to|over to|towards|near|next to|close to|as far as) the {s}",
        f"(move|bring|drive|steer|take|send|put|place|position|shift|direct|lead) {_GRIPPER} "
        "(to|at|towards|near|next to|by|over to|up to|close to|beside|right to|onto) the {s}",
        f"(make|let|have) {_GRIPPER} (reach|touch|approach|go to|move to|come to|contact) the {{s}}",
        f"the {{s}} {_MUST} be (reached|touched|approached|contacted)",
        f"{_GRIPPER} {_MUST} (go to|reach|touch|move to|be at|be near|be close to) the {{s}}",
        "(go|move) (there |ahead |)and (touch|reach|contact) the {s}",
        "the {s} is (the place|the spot) (to go to|to reach|for the gripper)",
        f"the {{s}} is (the place |)(where|to which) (i want |)(the gripper|the hand|the arm) {_MUST} (go|be|move)",
        "(to|towards|over to) the {s}, (go|move|drive)",
        f"{_WANT} {_GRIPPER} (at|to touch|to reach|near) the {{s}}",
        "the {s} is your (goal|destination|aim)",
    ),
    "push": (
        f"(push|slide|shove|nudge|scoot|press|move|bring|get|poke|sweep|put|place|take|shift|deliver) the {{s}} {_TO} the {{t}}",
        f"(push|slide|shove|nudge|scoot|sweep) the {{s}} (along|across|over|gently|slowly|on|forward|all along) "
        f"(the table |the tabletop |){_TO} the {{t}}",
        f"(move|bring|get|take|shift) the {{s}} {_TO} the {{t}} (by pushing|by pushing it|by sliding|with pushes|by a push)",
        f"(with a push|by pushing|by sliding)(,|) (move|bring|get|take) the {{s}} {_TO} the {{t}}",
        f"(push|slide|shove|nudge|move|sweep) the {{s}} (until|till|so that|such that) it "
        "(is|lies|rests|stays|sits|arrives|is entirely|comes to be|gets|ends) (in|inside|on|within|at) the {t}",
        "(push|slide|shove|move|sweep) the {s} (until|till) it (touches|gets to|hits|comes to|covers) the {t}",
        f"the {{s}} {_MUST} (go|be slid|be moved|be shoved|be pushed over|slide|be brought|get) {_TO} the {{t}}",
        f"the {{s}} {_MUST} be (in|inside|on|at) the {{t}}",
        "the {s} (goes|is to go|is meant to go) (in|on|into|onto|to) the {t}",
        f"(to|into|onto|towards) the {{t}}(,|) (push|slide|shove|move) the {{s}}",
        f"{_WANT} the {{s}} (in|on|inside|at|pushed to|pushed into|slid to|moved to) the {{t}}",
        f"(use|give it) a push to (get|bring|move) the {{s}} {_TO} the {{t}}",
        f"(push|slide) (at|against) the {{s}} (until|so that) the {{t}} is (reached|covered)",
    ),
    "pick_place": (
        f"(put|place|drop|lay|set|deposit|leave|move|bring|transfer|throw|toss|stick|get|carry|store) the {{s}} {_IN} the {{t}}",
        "(put|place|drop|lay|set|deposit|carry|bring|move) the {s} (down |away |over |safely |back |)(in|into|to) the {t}",
        f"{_TAKE} the {{s}}{_AND} (put|place|drop|lay|deposit|leave|move|bring|throw|toss|let) it (down |fall |go |){_IN} the {{t}}",
        f"{_TAKE} the {{s}}{_AND} (put|place|drop|lay) the {{s1}} {_IN} the {{t}}",
        f"{_TAKE} the {{s}}, (it goes|it belongs) {_IN} the {{t}}",
        f"the {{s}} {_MUST} (go|be put|be placed|be dropped|be laid|be moved|get|land|be) {_IN} the {{t}}",
        f"the {{s}} (goes|belongs|is to go) {_IN} the {{t}}",
        f"{_IN} the {{t}}(,|) (put|place|drop|goes|lay|move) the {{s}}",
        f"{_WANT} the {{s}} (to be |put |placed |to go |to land |){_IN} the {{t}}",
        f"(have|get) the {{s}} {_IN} the {{t}}",
        "(fill|load) the {t} with the {s}",
        "(make|let) the {s} (go|fall|drop) (in|into|inside) the {t}",
        "(put|drop) the {s} so that it (is|lies|lands|falls) (in|into|inside) the {t}",
        "the {t} (must|has to) (hold|contain|get|receive) the {s}",
    ),
    "stack": (
        f"(stack|put|place|set|lay|pile|balance|rest|position|move|bring|get|leave|drop|stack up) the {{s}} {_ON} the {{t}}",
        f"{_TAKE} the {{s}}{_AND} (put|place|set|lay|stack|pile|drop|balance) it (down |up |){_ON} the {{t}}",
        "(build|construct|create|form) a (tower|stack|pile) (with|from|of|by putting|by placing) the {s} (on|on top of|over) the {t}",
        "(build|make) a (tower|stack|pile)(,| with) the {s} (on|above|goes on|goes over) the {t}",
        f"the {{s}} {_MUST} (go|be put|be placed|be stacked|rest|stand|be|be set|lie|be laid) {_ON} the {{t}}",
        f"the {{s}} (goes|belongs) {_ON} the {{t}}",
        f"{_ON} the {{t}}(,|) (put|place|stack|set|goes) the {{s}}",
        f"{_WANT} the {{s}} (to be |stacked |put |placed |to stand |to rest |){_ON} the {{t}}",
        "(stack|pile) the {s} (up |)(high |)(on|onto|over) the {t}",
        "(put|stack) the {s} so that it (is|stands|rests|sits|lies) (on|on top of|over) the {t}",
        "the {t} (goes|belongs|must be|has to be) (under|below|beneath|underneath) the {s}",
        "(cover|top) the {t} with the {s}",
    ),
    "press": (
        "(press|push|hit|tap|click|depress|punch|poke|bump|press upon|push against|press against|strike) the {s}",
        "(press|push|hit|tap|move) the {s} (down|in|once|down once|firmly|all the way down|all the way|fully)",
        "(press|push) (down|in) the {s}",
        "(press|tap|hit|click|push|push hard) (down on|down onto|upon|against) the {s}",
        "(activate|trigger|use|operate|actuate) the {s}",
        "give the {s} a (press|tap|hit|click|poke|strong press|quick press|short press|nudge)",
        f"the {{s}} {_MUST} (be pressed|be pushed|go down|be hit|be tapped|be pushed down|be clicked|be activated)",
        f"{_WANT} the {{s}} (pressed|pushed|to be pressed|down|hit|tapped)",
        f"(use {_GRIPPER} to|with {_GRIPPER}(,|)) (press|push|hit|tap) the {{s}}",
        "(go|move) (over |)(to the {s} )and (press|push|hit) it",
        "(do|perform|make) a (press|push|tap|click) (of|on) the {s}",
    ),
    "open_drawer": (
        "(open|open up|pull open|pull out|slide open|draw open|pull|draw out|unlock and open|slide out) the {s}",
        "(pull|slide|draw|get|drag|push) the {s} (open|out|outwards|fully open|wide open|all the way out|all open|out towards you)",
        "(open|pull) the {s} (by|with|using|at) (its|the) (handle|grip)",
        "(grab|take|grasp|hold|grip|hook|seize|get) (its|the) (handle|grip)( and| and then|, then|, and|,) (open|pull|pull open|pull out|slide open) the {s}",
        "(pull|pull on|tug|draw) the (handle|grip) (of|on) the {s}",
        f"the {{s}} {_MUST} (be opened|be open|be pulled out|be pulled open|open|come out|slide out)",
        f"{_WANT} the {{s}} (open|opened|to be open|pulled out|pulled open)",
        "(have|leave|get|let) the {s} (open|opened|be open)",
        "(make|let) the {s} (open|come out|slide open)",
        "(go|move) (to the {s} |over |)and (open|pull) (it|the {s1})",
        "(see to it|take care) that the {s} is (open|opened|pulled out)",
    ),
    "close_drawer": (
        "(close|shut|close up|push in|push shut|push closed|slide shut|slide in|slide closed) the {s}",
        "(push|slide|move|get|press|bring|put) the {s} (closed|shut|in|inwards|fully closed|fully in|all the way in|back|back in place|home)",
        "(push|shove|press) the {s} back in",
        "(close|shut|push) the {s} (completely|fully|again|all the way|by its handle|with the gripper|with a push)",
        "(push|press|shove) (on |)the (handle|front) (of|on) the {s}",
        f"the {{s}} {_MUST} (be closed|be shut|be pushed in|be pushed shut|close|go in|go back|slide shut)",
        f"{_WANT} the {{s}} (closed|shut|to be closed|pushed in|pushed shut)",
        "(have|leave|get|let) the {s} (closed|shut|be closed)",
        "(make|let) the {s} (close|go in|go shut|slide shut)",
        "(go|move) (to the {s} |over |)and (close|shut) (it|the {s1})",
        "(see to it|take care) that the {s} is (closed|shut|pushed in)",
    ),
    "turn_lever": (
        "(turn|rotate|pull|flip|swing|twist|crank|throw|operate|actuate|spin|switch|move|shift|revolve|push|use) the {s}",
        "(turn|rotate|flip|swing|twist|move|pull|push|crank|spin) the {s} "
        "(around|round|over|by its grip|to the other side|about its pivot|around its axis|down|up|sideways|fully|once|completely|by a quarter)",
        "(turn|rotate|swing|pull) (at |on |)the (grip|end|handle) of the {s}",
        f"{_TAKE} the {{s}}{_AND} (turn|rotate|swing|pull|twist|flip|move|swivel|spin) it( around| round| over|)",
        "give the {s} a (twist|spin|rotation|swing|pull|crank)",
        f"the {{s}} {_MUST} (be turned|be rotated|be swung|turn|rotate|be pulled|be flipped|swing|be moved|be twisted)",
        f"{_WANT} the {{s}} (turned|rotated|flipped|pulled|to be turned|to turn|swung|swung around)",
        "(make|let|have) the {s} (turn|rotate|swing|go around|spin)( around|)",
        "(get|have) the {s} (turned|rotated|swung|flipped)( around| over|)",
        f"(use {_GRIPPER} to|with {_GRIPPER}(,|)) (turn|rotate|pull|swing) the {{s}}",
        "(turn|swing|rotate) (around|over|round) the {s}",
    ),
    "pour": (
        "(pour|tip|empty|tilt|dump|pour out|tip out|decant|spill|pour over|discharge) the {s} (into|in|over|onto|out into|out over|inside|towards|out onto) the {t}",
        "(pour|tip|empty|dump|drop|roll|spill|get|move|let|put) the (ball|contents|content|marble|stuff|thing|sphere) "
        "(out of|from|in|inside|of|that is in|which is in) the {s} (into|in|over|inside|to|fall into|go into|drop into) the {t}",
        "(pour|tip|empty|dump) (what is in|everything in|all that is in|whatever is in|everything from|what's inside) the {s} (into|in|over|inside) the {t}",
        "(tip|tilt|turn|turn over|incline|lean) the {s} (so that|such that|until|till) (the ball|its content|everything|it|the marble) "
        "(falls|drops|rolls|goes|gets|pours|is) (in|into|inside) the {t}",
        f"{_TAKE} the {{s}}{_AND} (pour|tip|tilt|dump|turn) it (out |over |)(into|over|in|above|out over) the {{t}}",
        f"{_TAKE} the {{s}}{_AND} (pour|tip|empty|dump) (the ball|its content|its contents|everything) (into|in|over) the {{t}}",
        f"the {{s}} {_MUST} (be emptied|be tipped|be tilted|be poured out|go|be tipped out) (into|over|in) the {{t}}",
        f"the (ball|content|marble) (from|of|in) the {{s}} {_MUST} (go|fall|get|be poured|be tipped|drop) (in|into|inside) the {{t}}",
        "(into|over|in) the {t}(,|) (pour|tip|empty|tilt) the {s}",
        f"{_WANT} the {{s}} (poured|emptied|tipped|tilted|poured out) (into|over|in) the {{t}}",
        "(make|have) the (ball|content|marble) (fall|roll|drop|go|slide) (from|out of) the {s} (into|in|to) the {t}",
        "(fill|load) the {t} (from|out of|with what is in|with the ball from) the {s}",
        "over the {t}, (tip|tilt|empty|turn over) the {s}",
    ),
    "insert": (
        f"(insert|put|place|stick|push|plug|fit|drop|set|slide|lower|mount|press|lead|thread|bring|get|move) the {{s}} {_IN} the {{t}}",
        "(insert|put|place|stick|push|plug|fit|drop|set|lower|bring) the {s} (upright |down |straight |vertically |deep |)(in|into|to) the {t}",
        f"{_TAKE} the {{s}}{_AND} (insert|put|place|stick|push|fit|drop|set|lower|mount) it {_IN} the {{t}}",
        f"{_TAKE} the {{s}}{_AND} (insert|put|stick|fit) the {{s1}} {_IN} the {{t}}",
        f"(turn|set|stand|put|raise) the {{s}} upright( and| and then|, then|,) (insert|put|stick|plug|push|lower) it {_IN} the {{t}}",
        f"the {{s}} {_MUST} (go|be inserted|be put|be placed|stand|be stuck|be plugged|fit|be) {_IN} the {{t}}",
        f"the {{s}} (goes|fits|is to go) {_IN} the {{t}}",
        f"{_IN} the {{t}}(,|) (insert|put|place|stick|goes|plug) the {{s}}",
        f"{_WANT} the {{s}} (to be |inserted |put |stuck |plugged |to go |){_IN} the {{t}}",
        "(fill|close|plug) the {t} with the {s}",
        "(stand|set|plant|put) the {s} (up in|upright in|in|up inside) the {t}",
        "(make|have) the {s} (go|stand) (in|into|inside) the {t}",
    ),
}

CANNOT_ONE = (
    "(fly to|eat|paint|wash|break|cut|sing to|dance with|melt|burn|kick|smash|explode|heat|cook|photograph|count|find|"
    "describe|hide|juggle|bend|fold|weigh|measure|clean|repair|sell|buy|look at|watch|name|destroy|lick|smell|"
    "squeeze|shake|polish|freeze|boil|iron|throw away|jump over|admire|draw|scan|assemble|disassemble|colour|marry|"
    "knit|drink|swallow|plant|water|feed|chase|follow|forget|remember|explain|delete|download|print|tie|knot|sew|bake|"
    "duplicate|copy|unscrew|screw|drill|hammer|saw|glue|peel|vacuum|inflate|rent|steal|hug|kiss|call|email|levitate) the {s}",
    "(pick up|lift|grab|grasp|take|raise|hold|drop|let go of|lift up|pick) the {s}",
    "(throw|kick|toss|fly|launch|shoot|roll) the {s} (away|out of the window|up|to the ceiling|at the wall|across the room|off the table)",
    "how (big|heavy|far|old) is the {s}",
)
CANNOT_TWO = (
    "(tie|glue|screw|nail|compare|attach|swap|exchange|weld|sew|connect|throw|kick|hide|shoot|fly) the {s} "
    "(to|with|and|behind|under|at|onto) the {t}",
    "(put|place|set|lay|move) the {s} (beside|next to|behind|in front of|left of|right of|between|near|around|away from) the {t}",
    "(swap|exchange|mix|compare|count|align) the {s} and the {t}",
)
NEGATED = (
    "(do not|don't|never|you must not|under no circumstances|please do not|please don't|stop trying to|avoid to|refuse to) {command}",
    "(i do not|i don't) want you to {command}",
)
NOISE = (
    "(hello|hi|good morning|good evening|thanks|thank you|well done|stop|wait|help|yes|no|ok|never mind|test|who are you|"
    "how are you|what is your name|tell me a joke|what time is it|what can you do|are you a robot|play some music|"
    "dance|sleep|go home|come here|jump|sit down|do something|do it|do it again|continue|again|more|less|faster|"
    "what is on the table|describe the scene|what do you see|clean the table|clear everything|good night)",
    "(where|what|how|who|why) (is|about|was) the {s}",
    "(where is|what is|do you see|can you see|have you seen|i see|i like|there is|look,) the {s}",
    "(what colour is|which colour has|how many are there of|did you move|why did you move|where did you put|who took|have you touched) the {s}",
    "(i really like|i love|i can see|i remember|you moved|there goes|look at|we bought|nobody likes) the {s}",
    "(don't|do not|never) (put|touch|move|do|press|open|push) (anything|any of it|a thing|nothing|something)( in the {t}| on the {t}|)",
    "is the {s} (open|closed|red|blue|in the bowl|on the table|there|big|small)",
    "(the|a|my|this) {s}",
    "the {s} and the {t}",
    "the {s} is (nice|on the table|next to the {t}|heavier than the {t}|my favourite)",
    "(the weather is nice|it is raining|the sky is blue|roses are red|i am hungry|this is a test|lorem ipsum dolor)",
    "(drive to the city|order a pizza|call my mother|write an email|open the window|close the door|turn on the light|"
    "switch off the lamp|make coffee|brew some tea|water the plants|feed the cat|start the car|play chess)",
)
OPINIONS = (
    "pesky lovely silly annoying poor lonely stray dirty tiny old new shiny wooden plastic cute famous beloved unused "
    "lost remaining loose useless good bad mysterious ugly pretty boring nearby damn bloody freaking whole actual very "
    "said aforementioned particular certain plain simple cool fancy ordinary single lone sole"
).split()
FILLERS = (
    "honestly really simply again once more maybe perhaps today finally actually quick friend buddy dear sir madam "
    "machine computer assistant captain whenever ready possible sometime soon later because important boss want asked "
    "me to it is very nice if when while since there here everyone somehow whatever also too still just about any"
).split()
