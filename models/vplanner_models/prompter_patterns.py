"""More ways to say each skill, beside those of the grammars; `<put>` is any word of that class of the language."""

from __future__ import annotations

EN: dict[str, tuple[str, ...]] = {
    "reach": (
        "<reach> {s}", "<reach> {s}", "<reach> the <gripper> <to> {s}", "would you mind <reach> {s}", "i'd like your <gripper> at {s}",
        "get your <gripper> <next_to> {s}", "bring your <gripper> <on> {s}", "put your <gripper> <next_to> {s}", "<reach> <on> {s}",
        "hover <on> {s}", "can you <reach> {s} for me", "stretch out your <gripper> to {s}", "go and <reach> {s}", "your <gripper> should be at {s}",
        "make contact with {s}", "lay a <gripper> on {s}", "let your <gripper> <reach> {s}", "have the <gripper> go where {s} is",
        "point your <gripper> at {s}", "reach out and touch {s}", "move until you touch {s}", "the <gripper> needs to be at {s}", "over to {s}",
        "steer your <gripper> <to> {s}", "<reach> right up to {s}", "can you get to {s}", "just touch {s}", "extend the <gripper> to {s}",
    ),
    "push": (
        "<push> {s} <to> {t}", "<push> {s} <to> {t}", "<push> {s} <on> {t}", "<put> {s} <to> {t}", "<put> {s} on {t}", "get {s} to {t}",
        "{t} is where {s} should go", "i'd like {s} to be in {t}", "make {s} slide <to> {t}", "<push> {s} until it reaches {t}",
        "{s} needs to end up in {t}", "give {s} a push <to> {t}", "move {s} along the table to {t}", "<take> {s} and <put> it in {t}",
        "would you mind <push> {s} <to> {t}", "let {s} glide <to> {t}", "have {s} end up on {t}", "<push> {s} so it ends up <in> {t}",
        "without lifting it, <push> {s} <to> {t}", "i want {s} over in {t}", "{s} goes to {t}", "<push> {s} across to {t}", "park {s} on {t}",
        "{s} to {t}", "keep pushing {s} until it's inside {t}", "{t} should have {s} in it", "<in> {t} with {s}", "use your <gripper> to <push> {s} <to> {t}",
    ),
    "pick_place": (
        "<put> {s} <in> {t}", "<put> {s} <in> {t}", "<put> {s} into {t}", "<take> {s} and <put> it <in> {t}", "<take> {s} and <put> it in {t}",
        "would you mind <put> {s} <in> {t}", "i'd like {s} to be in {t}", "{t} is where {s} belongs", "{s} <put> <in> {t}", "{s} into {t}",
        "i want to see {s} in {t}", "{t} needs {s} in it", "there should be {s} in {t}", "{t} should <put> {s}", "<in> {t} with {s}",
        "make sure {s} ends up <in> {t}", "let {s} fall <in> {t}", "<take> {s}, then <put> it <in> {t}", "use {t} to hold {s}", "{s} needs a home: {t}",
        "<take> {s} from the table and <put> it into {t}", "get {s} off the table and into {t}", "{s}'s place is in {t}", "<take> {s} <put> <in> {t}",
        "could {s} go <in> {t}", "pick {s} up and <put> it in {t}", "i'm looking for {s} to be in {t}", "transfer {s} over to {t}", "{s} <to> {t}",
        "have {s} <put> <in> {t}", "<away> {s} into {t}", "<away> {s} in {t}", "how about we <put> {s} in {t}", "find {s} and <put> it inside {t}",
    ),
    "stack": (
        "<stack> {s} <on> {t}", "<stack> {s} <on> {t}", "<put> {s} <on> {t}", "<put> {s} on top of {t}", "<take> {s} and <put> it <on> {t}",
        "<take> {s} and <stack> it <on> {t}", "would you mind <stack> {s} <on> {t}", "i'd like {s} to be on {t}", "{s} <on> {t}", "<stack> {s} on {t}", "{s} sits on {t}",
        "{t} should be under {s}", "<put> {t} <under> {s}", "<put> {t} <under> {s}", "slide {t} <under> {s}", "{t} <put> under {s}", "make a <stack> with {s} on {t}", "{s} should sit on {t}", "<stack> {t} with {s}",
        "<put> {s} so it sits on {t}", "let {s} rest on {t}", "{t} is the base, {s} goes on top", "use {t} as the base and <put> {s} on it",
        "make a two cube tower, {s} on top of {t}", "{t} at the bottom, {s} on top", "build a little tower: {s} on {t}", "{t} supports {s}",
        "with {t} at the bottom, <stack> {s} on top", "i want {s} balanced on {t}", "have {s} ride on {t}", "on top of {t} <put> {s}", "use {s} to <stack> {t}",
        "<put> {s} above {t}", "{s} goes right on top of {t}", "pick {s} up and <put> it on {t}", "get {s} on top of {t}",
    ),
    "press": (
        "<press> {s}", "<press> {s}", "<press> on {s}", "<push> {s}", "<push> {s} in", "<push> {s} down", "would you mind <press> {s}", "push down {s}",
        "<press> {s} with your <gripper>", "give {s} a <press>", "i'd like {s} <press>", "put pressure on {s}", "<take> {s} down", "lean on {s}",
        "use your <gripper> to <press> {s}", "apply pressure to {s}", "make {s} go down", "{s} needs a <press>", "<press> down on {s}", "put your <gripper> on {s} and push",
        "<reach> {s} and <press> it", "move over {s} and <press> down", "{s}: <press> it", "have {s} <press>", "poke {s}", "<turn> on {s}", "i want {s} to be <press>",
    ),
    "open_drawer": (
        "<open> {s}", "<open> {s}", "<push> {s} <open>", "<push> {s} out", "<take> {s} open", "would you mind <open> {s}", "i'd like {s} <open>",
        "<take> the <handle> of {s} and <push> it", "<push> {s} toward you", "<push> on the <handle> of {s}", "get {s} <open>", "i need to get into {s}",
        "{s} should be <open>", "{s} needs <open>", "make {s} come out", "i want to look inside {s}", "let me see inside {s}", "slide {s} out for me",
        "{s}, <open> it", "leave {s} <open>", "i need something from {s}, <open> it", "give me access to {s}", "<take> {s} by the <handle> and <push>",
        "use the <handle> to <open> {s}", "<push> {s} all the way out", "crack {s} open", "show me what is in {s}", "expose the inside of {s}", "have {s} <open>",
    ),
    "close_drawer": (
        "<close> {s}", "<close> {s}", "<push> {s} <close>", "<push> {s} shut", "<push> {s} in", "would you mind <close> {s}", "i'd like {s} <close>",
        "{s} should be <close>", "{s} needs <close>", "make {s} go in", "don't leave {s} open", "{s} is open, <close> it", "{s}, <close> it", "get {s} <close>",
        "<push> {s} back in", "<push> {s} all the way in", "{s} shouldn't be open, <close> it", "i don't need {s} anymore, <close> it", "<push> on the front of {s}",
        "give {s} a push so it closes", "<push> {s} back where it belongs", "use your <gripper> to <close> {s}", "i want {s} <close>", "<push> {s} home",
        "leave {s} <close>", "{s} was left open, <close> it", "return {s} to its <close> position", "make sure {s} is <close>", "have {s} <close>",
    ),
    "turn_lever": (
        "<turn> {s}", "<turn> {s}", "throw {s}", "<push> {s}", "<push> {s} round", "would you mind <turn> {s}", "i'd like {s} <turn>", "give {s} a <turn>",
        "<turn> {s} to the other side", "<push> {s} to the other position", "{s} should be <turn>", "{s} needs a <turn>", "move {s} over", "<turn> {s} clockwise",
        "<take> {s} and <turn> it", "use your <gripper> to <turn> {s}", "make {s} <turn>", "<turn> {s} as far as it goes", "i want {s} <turn>", "<turn> {s} by its <handle>",
        "{s}: <turn> it", "change the position of {s}", "<take> the <handle> of {s} and <turn> it", "<turn> {s} around its axis", "have {s} <turn>", "<push> down on {s}",
        "move {s} to its other end", "bring {s} round", "put {s} in the other position", "work {s}", "<press> {s}", "<turn> the <handle> of {s}", "<turn> {s} all the way",
    ),
    "pour": (
        "<pour> {s} <in> {t}", "<pour> {s} into {t}", "<pour> <contents> of {s} into {t}", "<pour> the ball from {s} into {t}", "<pour> {s} <on> {t}", "<pour> {s} out over {t}",
        "would you mind <pour> {s} into {t}", "get what's in {s} into {t}", "<pour> out {s} into {t}", "<contents> in {s} should go into {t}", "<pour> <contents> from {s} to {t}",
        "<take> {s} and <pour> it into {t}", "<take> {s} and <pour> <contents> into {t}", "i'd like {s} <pour> into {t}", "<put> <contents> of {s} into {t}", "fill {t} from {s}",
        "fill {t} with <contents> {s}", "use {s} to fill {t}", "transfer <contents> of {s} to {t}", "{s} should be <pour> into {t}", "turn {s} over above {t}",
        "let the ball in {s} roll into {t}", "move the ball out of {s} and into {t}", "<pour> {s} over {t} so the ball falls in", "<pour> whatever is in {s} <in> {t}", "<pour> {s} to {t}",
        "hold {s} over {t} and <pour> it", "{t} should get <contents> of {s}", "bring {s} over {t} and <pour>", "have {s} <pour> into {t}", "<put> the ball from {s} into {t}",
    ),
    "insert": (
        "<insert> {s} <in> {t}", "<insert> {s} into {t}", "<put> {s} <in> {t}", "<push> {s} into {t}", "<take> {s} and <insert> it <in> {t}", "<take> {s} and <put> it in {t}",
        "would you mind <insert> {s} <in> {t}", "i'd like {s} to be in {t}", "{s} <insert> <in> {t}", "{t} is where {s} goes", "{t} needs {s}", "<in> {t} with {s}", "{s} into {t}",
        "make {s} fit <in> {t}", "slide {s} down into {t}", "lower {s} into {t}", "<put> {s} upright <in> {t}", "get {s} <in> {t}", "stick {s} in {t}", "line {s} up with {t} and push it in",
        "{s} should stand in {t}", "{s} goes in {t}", "i want {s} in {t}", "plug {t} with {s}", "align {s} with {t} and <insert> it", "have {s} sit in {t}", "use {s} to <insert> {t}",
        "<take> {s}, align it with {t}, and <insert> it", "close {t} with {s}", "drop {s} in {t}", "fill {t} with {s}", "seat {s} in {t}", "{s} to {t}",
    ),
}  # fmt: skip
ZH: dict[str, tuple[str, ...]] = {
    "reach": (
        "<reach>{s}", "<reach>{s}", "<reach>{s}那儿", "<ba><gripper><reach>{s}", "把<gripper>移到{s}<next_to>", "让<gripper><reach>{s}", "用<gripper><reach>{s}", "去{s}那里", "伸手<reach>{s}",
        "把<gripper>停在{s}<on>", "把<gripper>放到{s}<on>", "<gripper>去<reach>{s}", "你的<gripper>要<reach>{s}", "到{s}跟前去", "往{s}那边靠", "<reach>一下{s}", "{s},去<reach>", "伸<gripper>够一够{s}",
        "移动到{s}的位置", "<gripper>过去{s}那边", "能<reach>{s}吗", "走到{s}<next_to>", "<gripper>伸过去<reach>{s}", "跟{s}接触一下", "把<gripper>对准{s}", "用<gripper>指着{s}", "{s}碰一下", "移到{s}正上方",
    ),
    "push": (
        "<ba>{s}<push>{t}", "<ba>{s}<push>{t}里", "<push>{s}到{t}", "<ba>{s}<put>{t}", "<ba>{s}<put>{t}上", "{s}<push>{t}", "让{s}滑到{t}", "{s}要到{t}里去", "沿着桌面把{s}<push>{t}", "{t}才是{s}该去的地方",
        "<ba>{s}往{t}推", "朝{t}<push>{s}", "使{s}进入{t}", "把{s}一直<push>{t}", "{s}得去{t}", "想让{s}在{t}里", "推着{s}去{t}", "<push>{s},让它到{t}", "不要拿起来,把{s}<push>{t}", "轻轻把{s}<push>{t}上",
        "将{s}慢慢<push>{t}中", "用<gripper><push>{s}到{t}", "给{s}推一把,到{t}里", "{s}停到{t}里", "别<take>,<push>{s}到{t}", "把{s}弄去{t}", "{t}里要有{s}", "让{s}待在{t}里", "{s}挪到{t}去", "<take>{s}<put>{t}",
    ),
    "pick_place": (
        "<ba>{s}<put>{t}里", "<ba>{s}<put>{t}", "<ba>{s}<put>{t}<in>", "<take>{s}<put>{t}里", "<take>{s},<put>{t}里", "<take>{s}然后<put>{t}", "{s}<put>{t}里", "{s}<put>{t}", "往{t}里<put>{s}", "让{s}进{t}",
        "{t}里要有{s}", "{s}的家是{t}", "{t}是{s}该待的地方", "我想看到{s}在{t}里", "<ba>桌上的{s}<put>{t}里", "{t}里<put>{s}", "<take>{s}来<put>到{t}里面", "将{s}<take>后<put>{t}中", "用{t}装{s}", "让{t}装着{s}",
        "<away>{s}到{t}里", "{s}应该在{t}里", "{s}请进{t}", "把{s}从桌上<put>{t}", "{s}该回{t}了", "<put>{s}到{t}里去", "<put>{s}进{t}", "在{t}里放上{s}", "帮我拿{s}放{t}里头", "让{s}躺进{t}", "{s}给我放{t}里", "把{s}拿去{t}里",
    ),
    "stack": (
        "<ba>{s}<stack>{t}上", "<ba>{s}<stack>{t}<on>", "<ba>{s}<put>{t}<on>", "<ba>{s}<put>{t}上面", "<take>{s}<stack>{t}上", "<take>{s},<put>{t}<on>", "{s}<stack>{t}上", "{s}<put>{t}上", "让{s}在{t}上面", "{t}上面放{s}",
        "{t}在{s}下面", "{t}在下,{s}在上", "用{t}垫着{s}", "{t}做底,{s}放上面", "{t}上<stack>{s}", "往{t}上<put>{s}", "让{t}托着{s}", "把{t}放在{s}下面", "<ba>{t}<put>{s}<under>", "{t}要在{s}<under>", "搭个塔,{s}在{t}上", "以{t}为底,把{s}叠上去", "{t}顶上<put>{s}", "用{s}盖住{t}", "拿{s}<stack>{t}",
        "让{s}坐在{t}上", "让{s}站到{t}头上", "{t}垫底,{s}放顶上", "把{s}叠到{t}上头", "{s}应该在{t}上面", "在{t}上<stack>{s}", "<stack>{s}到{t}上", "{s}压住{t}", "搭个两层的塔:下面{t},上面{s}", "把{s}和{t}叠起来,{s}在上",
    ),
    "press": (
        "<press>{s}", "<press>{s}", "<press>一下{s}", "<ba>{s}<press>", "把{s}按下去", "用<gripper><press>{s}", "<push>{s}", "{s}<press>", "{s}按一下", "给{s}来一下", "请把{s}<press>", "去<press>{s}", "往下压{s}", "对{s}按下去",
        "{s}要按下", "让{s}下去", "{s}需要被<press>", "伸手<press>{s}", "<reach>{s}并<press>", "把{s}摁到底", "<gripper>放到{s}上往下压", "使劲<press>{s}", "在{s}上<press>", "<turn>{s}开关", "我要你<press>{s}", "<press><press>{s}",
    ),
    "open_drawer": (
        "<open>{s}", "<open>{s}", "<ba>{s}<open>", "<ba>{s}<open>来", "{s}<open>", "让{s}开着", "<take>把手<open>{s}", "抓着{s}的<handle>往外拉", "拉{s}的<handle>", "把{s}往外拉", "我要看{s}里面", "看看{s}里有什么", "把{s}弄开",
        "{s}需要<open>", "{s}要开着", "使{s}<open>", "<push>开{s}", "将{s}拉到底", "给我<open>{s}", "我想从{s}里拿东西,<open>它", "{s}关着呢,<open>", "{s}别关着", "用<gripper><open>{s}", "{s}向外拉", "<take>{s}的<handle>拉开",
    ),
    "close_drawer": (
        "<close>{s}", "<close>{s}", "<ba>{s}<close>", "{s}<close>", "{s}开着呢,<close>", "让{s}关着", "把{s}往里推", "<push>{s}<in>去", "把{s}推回去", "{s}需要<close>", "{s}要关好", "使{s}<close>", "别让{s}开着", "用<gripper><close>{s}",
        "{s}用完了,<close>", "推{s}的<handle>把它<close>", "将{s}完全<close>", "给我<close>{s}", "{s}别开着", "{s}忘关了,<close>", "把开着的{s}<close>", "{s}往回推", "把{s}推到头", "把{s}恢复到关闭状态", "不用{s}了,<close>吧",
    ),
    "turn_lever": (
        "<turn>{s}", "<turn>{s}", "<ba>{s}<turn>", "<ba>{s}<turn>到另一边", "{s}<turn>", "<take>{s}<turn>", "让{s}转起来", "给{s}转个方向", "用<gripper><turn>{s}", "<push>{s}", "{s}转一下", "{s}要转过去", "把{s}转到头", "把{s}打到另一边",
        "使{s}<turn>", "握住{s}的<handle><turn>", "把{s}顺时针<turn>", "{s}需要<turn>", "去<turn>{s}", "换个位置,<turn>{s}", "把{s}扳到底", "<ba>{s}拉过来", "{s}动一下", "<turn>一下{s}", "<open>{s}", "转转{s}", "把{s}往另一侧<turn>", "<press>{s}",
    ),
    "pour": (
        "<ba>{s}<pour>{t}里", "<ba>{s}里的东西<pour>{t}", "<ba>{s}<contents><pour>{t}里", "<ba>{s}里的球<pour>{t}", "<pour>{s}到{t}里", "<take>{s}往{t}里<pour>", "<take>{s}<pour>{t}里", "{s}<pour>{t}", "把{s}往{t}里倒", "从{s}<pour>{t}",
        "让{s}里的球滚进{t}", "往{t}里<pour>{s}<contents>", "把{s}倾斜,让东西掉进{t}", "将{s}<contents>倒到{t}", "{s}<contents>都倒{t}里", "用{s}给{t}加满", "把{s}翻过来倒进{t}", "在{t}上方<pour>{s}", "{t}里要装{s}<contents>", "把{s}的内容物转移到{t}",
        "把球从{s}里倒进{t}", "把球从{s}倒到{t}里", "将{s}端到{t}上面倒出来", "{s}倒空到{t}里", "<pour>{s}里的球,倒进{t}", "{s}里有东西,<pour>{t}里", "把{s}清空,倒{t}里", "举起{s},对着{t}倒",
    ),
    "insert": (
        "<ba>{s}<insert>{t}", "<ba>{s}<insert>{t}里", "<ba>{s}<put>{t}里", "<ba>{s}<put>{t}", "<take>{s}<insert>{t}", "<take>{s},<insert>{t}里", "{s}<insert>{t}", "{s}<put>{t}里", "往{t}里<insert>{s}", "让{s}进{t}", "{t}里<insert>{s}", "用{s}堵住{t}",
        "把{s}对准{t}插下去", "把{s}竖着<put>{t}", "让{s}立在{t}里", "{s}应该在{t}里", "将{s}对准{t}<insert>", "{t}是{s}的位置", "<push>{s}进{t}", "把{s}竖直<insert>{t}中", "<insert>{s}到{t}里", "拿{s}插{t}", "{t}需要{s}", "{s}塞{t}里", "把{s}安到{t}上", "让{s}和{t}配合好,插进去",
    ),
}  # fmt: skip
