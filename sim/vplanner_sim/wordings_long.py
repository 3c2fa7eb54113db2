"""Wordings of the long tasks; `{s1}` and `{t1}` stand for source and target of the first sub-goal, and so on."""

Wordings = dict[str, tuple[str, ...]]

TRAIN_EN: Wordings = {
    "sort_by_colour": (
        "sort the cubes by colour",
        "put every cube into the bowl of its colour",
        "put each cube in the bowl of the same colour",
        "put the {s1} in the {t1} and the {s2} in the {t2}",
        "put the {s1} into the {t1}, then put the {s2} into the {t2}",
        "place the {s1} in the {t1} and then place the {s2} in the {t2}",
        "first put the {s1} in the {t1}, then the {s2} in the {t2}",
        "pick up the {s1} and put it in the {t1}, then pick up the {s2} and put it in the {t2}",
    ),
    "put_away": (
        "open the {s1}, put the {s2} in it and close it",
        "put the {s2} away in the {s1}",
        "open the {s1}, put the {s2} in the {t2} and close the {s3}",
        "open the {s1}, place the {s2} inside, then close the {s3}",
        "open the {s1}, then put the {s2} into it, then shut it",
        "pull the {s1} open, put the {s2} in it and push it shut",
        "put the {s2} into the {s1} and close it",
        "tidy the {s2} away into the {s1}",
    ),
    "build_tower": (
        "build a tower: the {s1} on the {t1} and the {s2} on top",
        "stack the {s1} on the {t1}, then stack the {s2} on the {t2}",
        "put the {s1} on the {t1} and the {s2} on the {t2}",
        "put the {s1} on the {t1}, then put the {s2} on top of it",
        "place the {s1} on the {t1} and then place the {s2} on the {t2}",
        "first stack the {s1} on the {t1}, then the {s2} on top of the {t2}",
        "build a tower with the {t1} below, the {s1} in the middle and the {s2} on top",
        "stack three cubes: the {s1} on the {t1}, the {s2} on the {t2}",
    ),
}

HELD_OUT_EN: Wordings = {
    "sort_by_colour": (
        "every cube belongs in the bowl that has its colour",
        "would you drop the {s1} into the {t1} and after that the {s2} into the {t2}",
        "get the {s1} into the {t1}; next, get the {s2} into the {t2}",
        "tidy up: cubes into bowls of the same colour",
    ),
    "put_away": (
        "would you store the {s2} in the {s1}",
        "pull out the {s1}, drop the {s2} inside and slide it back in",
        "the {s2} should end up in the closed {s1}",
        "after opening the {s1}, put the {s2} inside, and finally close the {s3}",
    ),
    "build_tower": (
        "make a tower from the {t1}, the {s1} and the {s2}, from bottom to top",
        "would you set the {s1} upon the {t1} and next the {s2} upon the {t2}",
        "the {s1} goes on the {t1}, and the {s2} goes on top of both",
        "rest the {s1} on the {t1}; after that, rest the {s2} on the {t2}",
    ),
}

TRAIN_ZH: Wordings = {
    "sort_by_colour": (
        "按颜色把方块分类",
        "把每个方块放进同色的碗里",
        "把方块按颜色放进对应的碗",
        "把{s1}放进{t1}，把{s2}放进{t2}",
        "先把{s1}放进{t1}，再把{s2}放进{t2}",
        "将{s1}放入{t1}，然后将{s2}放入{t2}",
        "把{s1}放到{t1}里，然后把{s2}放到{t2}里",
        "请把{s1}放进{t1}，接着把{s2}放进{t2}",
    ),
    "put_away": (
        "打开{s1}，把{s2}放进去，再关上",
        "把{s2}收进{s1}",
        "打开{s1}，把{s2}放进{t2}，然后关上{s3}",
        "先打开{s1}，再把{s2}放进去，最后关上{s3}",
        "拉开{s1}，把{s2}放到里面，再推回去",
        "把{s2}放进{s1}并关好",
        "请打开{s1}，把{s2}放入其中，再把它关上",
        "把{s2}收到{s1}里",
    ),
    "build_tower": (
        "搭一座塔：{s1}放在{t1}上，{s2}放在最上面",
        "把{s1}叠在{t1}上，再把{s2}叠在{t2}上",
        "先把{s1}放在{t1}上，再把{s2}放在{t2}上",
        "把{s1}放到{t1}上面，然后把{s2}放到它上面",
        "将{s1}叠到{t1}上，然后将{s2}叠到{t2}上",
        "用三个方块搭塔：{t1}在下，{s1}在中间，{s2}在上",
        "请把{s1}放在{t1}上，接着把{s2}放在{t2}上",
        "搭塔，{s1}在{t1}上，{s2}在{t2}上",
    ),
}

HELD_OUT_ZH: Wordings = {
    "sort_by_colour": (
        "什么颜色的方块就进什么颜色的碗",
        "麻烦把{s1}搁进{t1}，之后把{s2}搁进{t2}",
        "{s1}归{t1}，{s2}归{t2}",
        "收拾一下，方块和碗的颜色要一致",
    ),
    "put_away": (
        "麻烦把{s2}存到{s1}里去",
        "拉出{s1}，放入{s2}，再合上",
        "{s2}应该待在关好的{s1}里",
        "{s1}打开以后放进{s2}，最后合上{s3}",
    ),
    "build_tower": (
        "从下往上依次是{t1}、{s1}、{s2}，搭成塔",
        "麻烦把{s1}搁到{t1}上，之后把{s2}搁到{t2}上",
        "{s1}在{t1}上面，{s2}在最高处",
        "{t1}托着{s1}，{s1}托着{s2}",
    ),
}
