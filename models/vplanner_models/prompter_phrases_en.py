"""How English names things and joins steps, for the prompter's training text.

`{n}` is a noun, `{c}` a colour, `{x}` a second colour, `{p}` the thing without article, `{a}` the anchor of a relation
with its article; what stands in `[...]` belongs to the relation, what stands in `~...~` says what is excluded.
`<put>` is any word of that class.
"""

THE = ("the",) * 12 + ("that", "this", "my", "your", "a", "", "", "one", "the only", "our", "some")
PLAIN = ("{c} {n}",) * 12 + (
    "{c} coloured {n}", "{c} colored {n}", "{n} that is {c}", "{n} which is {c}", "{n} (the {c} one)", "{n}, the {c} one,",
    "{n} in {c}", "{n} with the {c} colour", "{n} of {c} colour", "{c} looking {n}", "little {c} {n}", "{f} {c} {n}", "{f} {c} {n}", "{n} ({c})", "{c} {n} there", "{c} {n} over there", "{c} {n} on the table", "{n} that's {c}",
    "{n} that has a {c} colour", "{c} one", "small {c} {n}", "nice {c} {n}", "{n} painted {c}", "{n} whose colour is {c}", "{c}",
)  # fmt: skip
BARE = ("{n}",) * 10 + (
    "{f} {n}",
    "{f} {n}",
    "{n} sitting there",
    "{n} around here",
    "only {n}",
    "{n} that is there",
    "little {n}",
    "{n} there",
    "{n} on the table",
    "{n} over there",
    "{n} you see",
    "{n} in front of you",
)
EVERY = (
    "the {ps}, all three,", "the {ps}, both of them,", "all {ps} there are", "every {p} there is", "the lot of {ps}", "the {ps} you see", "all of those {ps} there", "all these {ps}",
    "your {ps}", "every {p} on the table", "each {p} on the table", "any {p} you can find", "all the {ps} around", "every {p}, no exception,", "the pair of {ps}", "{p} after {p}",
    "all three {ps}", "all two {ps}", "both the {ps}", "{ps} one by one", "the {ps}, one after another,", "the whole lot of {ps}", "the bunch of {ps}",
    "the {ps} without exception", "every {p} there is", "each {p} in turn", "all of those {ps}", "all your {ps}", "the full set of {ps}", "the {ps} all together",
    "as many {ps} as there are", "each one of the {ps}", "every {p} in view", "the entire set of {ps}", "all available {ps}", "the two {ps}", "the three {ps}", "{ps}",
    "every last {p}", "each {p} you can see", "all {ps} in sight", "the group of {ps}", "those {ps}", "these {ps}",
    "<all> {p}", "all {ps}", "all the {ps}", "all of the {ps}", "every {p}", "each {p}", "every single {p}", "all {ps}",
    "the {ps}", "both {ps}", "each of the {ps}", "every one of the {ps}", "all {ps} on the table", 
    "each and every {p}", "all those {ps}", "{ps}, all of them,", "the {ps}, every one of them,", "whatever is a {p}",
    "all the {ps} you can find", "both of the {ps}", "all the {ps} that you see", "whatever {ps} you see",
)  # fmt: skip
EVERYTHING = ("both of them", "all of them", "all three of them", "both", "<everything>", "everything", "everything that is {c}", "all {c} things", "everything {c}", "all the {c} ones",
    "anything {c}", "all the {c} stuff", "all that is {c}", "whatever is {c}", "every {c} thing", "all {c} objects",
    "all the {c} items", "each {c} object")  # fmt: skip
WITHOUT = (
    "{n}, ~just not the {x} one~,", "{n}, ~as long as it is not {x}~,", "any {n} ~so long as it isn't {x}~", "{n} ~of any colour except {x}~",
    "{n} ~(not the {x} one)~", "one of the {ns} ~that aren't {x}~", "{n}, ~but not {x}~,", "{n} ~which is neither {x} nor {c}~", "{n}, ~don't take the {x} one~,",
    "{n} ~that isn't the {x} one~", "{n} ~lacking {x} colour~", "{n} ~with a colour other than {x}~", "{n}, ~avoid the {x} one~,", "{n} ~excluding the {x} one~",
    "{n}, ~never the {x} one~,", "{n} ~that is certainly not {x}~", "{n} ~whose colour isn't {x}~", "different {n} ~than the {x} one~",
    "{n} ~that is not {x}~", "{n} ~that isn't {x}~", "{n} ~which is not {x}~", "~non {x}~ {n}", "{n}, ~not the {x} one~",
    "{n} ~other than the {x} one~", "{n} ~but not the {x} one~", "{n} ~which isn't {x}~", "{n} ~that's not {x}~",
    "{n} ~of any colour but {x}~", "{n} ~of a colour other than {x}~", "{n}, ~anything but the {x} one~", "~not {x}~ {n}",
    "{n}, ~just not {x}~", "{n} ~that is neither {x} nor {c}~", "{n} ~that isn't {x} or {c}~", "{n} ~instead of the {x} one~",
    "{n} ~except the {x} one~", "{n} ~without {x} colour~", "one ~that isn't {x}~", "{n} ~that is any colour but {x}~",
    "{n} ~that's anything but {x}~", "any {n} ~other than the {x} one~", "whichever {n} ~is not {x}~", "whichever {n} ~is neither {x} nor {c}~", "any {n} ~but the {x} one~", "{n} ~that does not have a {x} colour~", "{n} ~whose colour is not {x}~", "~un {x}~ {n}",
)  # fmt: skip
EVERY_WITHOUT = (
    "all {ns} ~except the {x} one~", "every {n} ~except the {x} one~", "all {ns} ~but the {x} one~", "the {ns} ~that are not {x}~",
    "all the {ns} ~that aren't {x}~", "all ~non {x}~ {ns}", "every {n} ~that is not {x}~", "every {n} ~apart from the {x} one~",
    "everything ~except the {x} {n}~", "everything ~that isn't {x}~", "everything ~that is not {x}~", "all {ns} ~other than {x}~",
    "everything ~but the {x} ones~", "each {n} ~that isn't {x}~", "all the {ns} ~but not the {x} ones~", "anything ~not {x}~",
    "the {ns} ~excluding the {x} one~", "all {ns} ~without the {x} one~", "whatever {n} ~is not {x}~", "all objects ~that are not {x}~",
    "the {ns}, ~but leave the {x} one alone,~", "all {ns} ~except those that are {x} or {c}~",
)  # fmt: skip
OTHER = (
    "the others",
    "the rest",
    "all the other {ps}",
    "the other {ps}",
    "the remaining {ps}",
    "what is left",
    "all others",
    "everything else",
    "the other {p}",
    "the other one",
    "the remaining {p}",
    "the rest of the {ps}",
    "the other",
    "another {p}",
    "the last {p}",
)
WHERE = {
    "left": ("<left>", "to the left of", "left of", "on the left of", "on the left side of", "standing left of"),
    "right": ("<right>", "to the right of", "right of", "on the right of", "on the right side of", "lying right of"),
    "front": ("<front>", "in front of", "in front of", "before", "located in front of"),
    "behind": ("<behind>", "behind", "behind", "in back of", "beyond", "sitting behind"),
    "next_to": ("<next_to>", "next to", "beside", "close to", "near"),
    "nearest": ("<nearest>", "nearest to", "closest to", "nearest", "closest", "with the shortest distance to"),
    "farthest": (
        "<farthest>",
        "farthest from",
        "furthest from",
        "furthest away from",
        "farthest away from",
        "most distant from",
    ),
}
BESIDE = (
    "{p} [beside {a}]",
    "{p} [next to {a}]",
    "{p} [right by {a}]",
    "{p} that is [close to {a}]",
    "{p} [touching {a}]",
    "{p} [that sits beside {a}]",
    "{p} [near {a}]",
)
RELATIVE = (
    "{p}, which is [{w} {a}],", "{p} to be found [{w} {a}]", "{p} [that is {w} {a}]",
    "{p} [{w} {a}]", "{p} [{w} {a}]", "{p} that is [{w} {a}]", "{p} which is [{w} {a}]", "{p} that's [{w} {a}]",
    "{p} lying [{w} {a}]", "{p} standing [{w} {a}]", "{p} that sits [{w} {a}]", "{p} that stands [{w} {a}]", "{p}, the one [{w} {a}],",
    "{p} you see [{w} {a}]", "{p} located [{w} {a}]", "{p} that lies [{w} {a}]", "{p} sitting [{w} {a}]", "{p} placed [{w} {a}]",
    "{p} (the one [{w} {a}])", "whichever {p} is [{w} {a}]", "{p} that lies right [{w} {a}]", "{p} just [{w} {a}]",
)  # fmt: skip
ROBOT = (
    "you",
    "you",
    "the robot",
    "us",
    "the base",
    "the arm's base",
    "you",
    "the robot",
    "yourself",
    "your base",
    "the arm",
    "the gripper",
    "your hand",
    "the robot's base",
    "where you are",
)
BETWEEN = (
    "{p} [between {a} and {b}]",
    "{p} [in between {a} and {b}]",
    "{p} that is [between {a} and {b}]",
    "{p} lying [between {a} and {b}]",
    "{p} standing [between {a} and {b}]",
    "{p} that sits [between {a} and {b}]",
    "{p} [halfway between {a} and {b}]",
    "{p}, the one [between {a} and {b}],",
    "{p} which is [right between {a} and {b}]",
)
EXTREME = (
    "{p} [furthest away from you]", "{p} [closest to you]", "of the {p}s, the one [farthest off]", "whichever {p} is [nearest]", "whichever {p} is [farther away]", "{p} [farther from you]", "{p} [closer to you]", "{p} that is [further from you]", "[left hand] {p}", "[right-hand] {p}", "{p} [on your extreme left]", "{p} [on your extreme right]",
    "{p} [at the front]", "{p} [at the very back]", "{p} [in the back]", "[back] {p}", "[far] {p}", "[nearer] {p}", "{p} that is [farther away]", "{p} that's [further away]", "{p} that is [nearer]",
    "{p} [on your left]", "{p} [on your right]", "{p} [to your left]", "{p} [to the right]", "{p} [to the left]", "[right hand] {p}", "{p} [on the left hand side]", "{p} [on the right side]",
    "[left] {p}", "[right] {p}", "{p} [over on the right]", "{p} that's [on the left]", "{p} that is [on the right]", "{p} standing [on the left]", "{p} [<left>]", "{p} [<right>]", "{p} [closest]",
    "{p} that's [closest by]", "[far left] {p}", "[far right] {p}", "{p} [all the way at the back]", "{p} [nearest]", "{p} [furthest away]", "{p} [<leftmost>]", "{p} [<rightmost>]", "[<farthest>] {p}",
    "[<nearest>] {p}",
    "[<leftmost>] {p}", "[<rightmost>] {p}", "[leftmost] {p}", "[rightmost] {p}", "{p} [on the left]", "{p} [on the right]",
    "[left] {p}", "[right] {p}", "[left hand] {p}", "{p} [farthest to the left]", "{p} [on the far right]", "{p} that is [leftmost]",
    "[nearest] {p}", "[closest] {p}", "[farthest] {p}", "[furthest] {p}", "{p} that is [closest]", "{p} [in front]", "[front] {p}",
    "{p} [at the back]", "[most distant] {p}", "{p} that is [farthest away]", "{p} [furthest to the right]",
)  # fmt: skip
PAIR = (
    "{c} and {x} {ns}", "{c} and {x}", "the {c} and the {x} ones", "the {c} one and the {x} one", "{c} plus {x} {ns}", "both {c} and {x} {ns}", "two {ns}, the {c} and the {x},",
    "the {c} and the {x} {n}", "the {c} {n} and the {x} {n}", "the {c} and {x} {ns}", "both the {c} and the {x} {n}",
    "the {c} {n} as well as the {x} one", "the {c} {n} and the {x} one", "the {c} {n} plus the {x} {n}",
)  # fmt: skip
MEANT = ("the {p}, ~not the {x} one~,", "not ~the {x} one~ but the {p}", "the {p} ~instead of the {x} one~",
    "the {p} ~rather than the {x} one~", "the {p} ~and not the {x} one~", "the {p} ~(not the {x} {n})~")  # fmt: skip
MATCHING = ("the {n} it matches", "the {ns} they match", "whichever {n} matches", "the {n} that matches its colour", "the {ns} that match their colours", "the {n} that shares its colour", "{ns} by colour", "the {n} of its own colour", "their own coloured {ns}", "the same colour {n}", "the {n} with the same colour as it", "same colour {ns}", "the {n} of the same colour", "the {n} of its colour", "the matching {n}", "the {n} that has its colour",
    "the {n} of matching colour", "the same coloured {n}", "its own {n} of the same colour", "the corresponding {n}",
    "the {ns} of the same colour", "the {ns} of their colour", "the {n} with the same color", "the {n} that matches")  # fmt: skip
IT = ("it", "it", "it", "that", "this", "that one", "the same one")
THEN = (
    ", then ", " and then ", " then ", " and ", ", and ", "; then ", ". then ", ", after that ", ". after that ", ", and after that ",
    ". next, ", " and afterwards ", ", next ", ". afterwards ", "; ", ". ", ", ", ", followed by ", ", and finally ", ", finally ",
    " and finally ", ". now ", ", lastly ", ". once that is done, ", ". when that's done, ", " and next ", ", subsequently ",
    " before you ", " and also ", ", also ", ". also ", " & ", ". second, ", " and right after that ", ", later ",
)  # fmt: skip
FIRST = (
    "",
    "",
    "",
    "first ",
    "first, ",
    "first of all ",
    "start by ",
    "to begin, ",
    "firstly ",
    "begin by ",
    "step one: ",
)
LATE_FIRST = ("{late}, but first {early}", "{late} after {early}", "{late}, after {early}", "{late} after you {early}", "{late}, but first {early}", "{late} once you have {early}", "{late}, but before that {early}",
    "{late} after having {early}", "{late} when you are done with this: {early}", "{late}, but {early} first",
    "before you {late}, {early}", "before {late}, {early}", "prior to {late}, {early}")  # fmt: skip
IN_ORDER = ("once {early}, {late}", "when {early}, {late}", "as soon as {early}, {late}", "{early} and afterwards {late}", "{early} and with that done {late}", "after you {early}, {late}", "once you have {early}, {late}", "when you have {early}, {late}", "after {early}, {late}",
    "having {early}, {late}", "as soon as you {early}, {late}", "{early} before you {late}", "{early} before {late}",
    "first {early}, {late} second", "{early} and only then {late}", "1. {early} 2. {late}")  # fmt: skip
ALIKE = (
    "do the same with {s}",
    "the same with {s}",
    "the same for {s}",
    "{s} too",
    "{s} as well",
    "also {s}",
    "likewise {s}",
    "do likewise with {s}",
    "same goes for {s}",
    "{s} likewise",
    "do that with {s} too",
)
NOT_IT = (
    "not the {x} one",
    "just not the {x} one",
    "but not the {x} one",
    "don't use the {x} one",
    "don't take the {x} one",
    "leave the {x} one",
    "but leave the {x} {n} alone",
    "anything but {x}",
    "never the {x} {n}",
    "avoid the {x} one",
    "not {x}",
    "skip the {x} one",
    "only not the {x} {n}",
    "the {x} one stays",
    "do not touch the {x} {n}",
    "except the {x} one",
    "and not the {x} one",
    "ignore the {x} {n}",
    "not the {x} {n}",
    "hands off the {x} one",
    "i don't mean the {x} one",
    "and please not the {x} one",
    "not {x} though",
)
NOT_THERE = (
    "not in the {x} one",
    "but not in the {x} one",
    "just not the {x} {n}",
    "not into the {x} {n}",
    "but not the {x} {n}",
    "don't use the {x} {n}",
    "not the {x} {n}",
    "anything but the {x} {n}",
    "never the {x} {n}",
    "avoid the {x} {n}",
    "not on the {x} {n}",
    "just not on the {x} one",
    "not onto the {x} one",
    "any {n} except the {x} one",
    "the {x} {n} is taken",
)
LEAVE = (
    "leave the {x} {n} alone and ",
    "leave the {x} {n} where it is, ",
    "don't touch the {x} {n}, ",
    "except for the {x} {n}, ",
    "apart from the {x} one, ",
    "skip the {x} {n} and ",
    "the {x} {n} stays, ",
    "ignore the {x} {n}; ",
    "keep your hands off the {x} {n} and ",
    "not counting the {x} {n}, ",
    "leaving out the {x} one, ",
    "with the exception of the {x} {n}, ",
    "without touching the {x} {n}, ",
)
REST = (
    "the others",
    "the rest",
    "all the other {ns}",
    "the other {ns}",
    "the rest of the {ns}",
    "everything else",
    "all others",
    "every other {n}",
    "all the rest",
    "the remaining {ns}",
)
SHORT = {
    "pick_place": ("{s} in {t}", "{s} into {t}", "{s} goes in {t}", "{s} inside {t}"),
    "stack": ("{s} on {t}", "{s} on top of {t}", "{s} goes on {t}", "{s} onto {t}"),
    "push": ("{s} to {t}", "{s} into {t}", "{s} onto {t}"),
    "press": ("{s}",), "reach": ("{s}",), "turn_lever": ("{s}",), "open_drawer": ("{s}",), "close_drawer": ("{s}",),
    "pour": ("{s} into {t}",), "insert": ("{s} in {t}", "{s} into {t}"),
}  # fmt: skip
ON_TOP = ("{s} on top", "{s} on the very top", "put {s} on top", "{s} at the top", "{s} goes on top", "finally {s} on top",
    "place {s} on top of both", "{s} on top of that", "add {s} on top", "crown it with {s}", "top it off with {s}")  # fmt: skip
INSIDE = ("put {s} inside", "drop {s} in", "place {s} inside", "lay {s} inside", "put {s} in there", "drop {s} inside", "toss {s} in",
    "stick {s} in", "place {s} in it", "put {s} into it", "drop {s} into it", "stash {s} in it")  # fmt: skip
AGAIN = ("close it", "shut it", "close it again", "push it shut", "slide it back in", "shut it again", "push it closed", "close up",
    "push it back in", "close it up", "shut", "close", "slide it shut", "then shut it all the way", "push it in")  # fmt: skip
PUT_AWAY = ("keep {s} in {t}, shut", "put {s} into {t} that is open", "{s} into {t} which is open now", "make sure {s} is inside {t} and that it is closed", "<away> {s} in {t}", "put {s} away in {t}", "store {s} in {t}", "tidy {s} away into {t}", "stash {s} in {t}",
    "stow {s} in {t}", "{s} should end up in {t}", "put {s} in {t}", "hide {s} in {t}", "lock {s} away in {t}", "put {s} into {t}",
    "{s} belongs in {t}", "{s} goes into {t}", "drop {s} in {t}", "tuck {s} away in {t}", "clear {s} into {t}")  # fmt: skip
SORT = ("colour sort", "do a colour sort", "sort by colour", "sort things by colour", "sort everything by colour", "match colours", "every {n} in its own colour {b}", "match {s} to {m}", "pair {s} with {m}",
    "sort {s} into {m}", "each {n} goes to {m}", "tidy up so that {s} ends up in {m}", "make sure that {s} is in {m}", "<away> {s} by colour", "<away> {s} into {m}", "{s} should be in {m}", "{s} <put> {m}",
    "sort {s} so the colours match", "i want {s} in {m}", "arrange {s} so that each is in {m}", "group {s} by colour", "put {s} with {m}", "red to red, blue to blue, sort {s}", "sort {s} by colour", "sort {s}", "put {s} in {m}", "place {s} into {m}", "{s} belongs in {m}", "drop {s} in {m}",
    "sort {s} into {m}", "tidy up: {s} into {m}", "<put> {s} into {m}", "match {s} with {m}", "{s} goes in {m}",
    "distribute {s} over {m}", "sort {s} by color into {m}", "sort {s} into the bowls by colour", "move {s} to {m}")  # fmt: skip
TOWER = (
    "tower with {l} as base, {m} on it and {h} up top", "{l} at the base, {m} next, {h} at the top", "three high: {l}, {m}, {h}", "build up: {l} then {m} then {h}", "make a tower of {l}, {m} and {h}, {l} at the bottom",
    "tower of three: {l} at the base, {m} in the middle, {h} up top", "{h} above {m} above {l}", "put {m} on {l}, with {h} at the very top",
    "build a tower with {l} below, {m} in the middle and {h} on top", "make a tower from {l}, {m} and {h}, from bottom to top",
    "stack {l}, {m} and {h} from bottom to top", "build a tower: {l} at the bottom, then {m}, then {h}",
    "tower of three: {l} first, {m} on it, {h} at the top", "pile up {l}, then {m}, then {h}", "stack {h} on {m} on {l}",
    "{l} at the bottom, {m} in the middle, {h} on top", "put {m} between {l} and {h}, with {h} on top", "stack up {l}, {m}, {h}",
    "build a stack from top to bottom: {h}, {m}, {l}", "a tower please: {h} over {m} over {l}",
)  # fmt: skip
