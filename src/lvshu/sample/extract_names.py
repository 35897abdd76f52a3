"""How clerks elsewhere write the names and addresses of the city's units: the slips that linkage must see through."""

from __future__ import annotations

import numpy as np

from lvshu.sample.names import SYLLABLES

TRADITIONAL = str.maketrans("国业东华发电广机务兴盛万龙飞汇", "國業東華發電廣機務興盛萬龍飛匯")
FULL_WIDTH = str.maketrans("()0123456789", "（）０１２３４５６７８９")
FORMS = ("股份有限公司", "有限责任公司", "有限公司")
SHARES = (0.72, 0.05, 0.06, 0.05, 0.04, 0.03, 0.03, 0.02)
KINDS = ("right", "slip", "short_form", "brackets", "traditional", "spaces", "lost_region", "former")


def written(name: str, kind: str, number: int) -> str:
    """Return a name as a clerk wrote it.

    Args:
        name: the registered name, 上海样 and three syllables first.
        kind: one of KINDS; former leaves the name and is told by `former_of`.
        number: chooses among the possible slips.
    """
    if kind == "slip":
        place = 3 + number % 3
        return (
            name[:place]
            + SYLLABLES[(SYLLABLES.index(name[place]) + 1 + number % 50) % 160]
            + name[place + 1 :]
        )
    if kind == "short_form":
        for form in FORMS:
            if name.endswith(form):
                return name[: -len(form)] + ("公司", "")[number % 2]
        return name
    if kind == "brackets":
        return f"{name[2:6]}（上海）{name[6:]}"
    if kind == "traditional":
        return name.translate(TRADITIONAL)
    if kind == "spaces":
        return f"{name[:6]} {name[6:]}".translate(FULL_WIDTH)
    if kind == "lost_region":
        return name[2:]
    return name


def former_of(name: str, number: int) -> str:
    """Return the name that the unit bore before: another trade name."""
    first = SYLLABLES[(SYLLABLES.index(name[3]) + 7 + number % 40) % 160]
    return name[:3] + first + name[4:]


def addresses(random: np.random.Generator, districts: np.ndarray, names: list[str]) -> list[str]:
    """Return addresses that do not exist, in the district of each unit."""
    ones = list(SYLLABLES[:160])
    drawn = random.integers(0, 160, (len(districts), 2))
    number = random.integers(1, 1_800, len(districts))
    room = random.integers(101, 2_999, len(districts))
    return [
        f"上海市{names[district]}样{ones[one]}{ones[two]}路{house}号{place}室"
        for district, (one, two), house, place in zip(districts, drawn, number, room, strict=True)
    ]


def address_written(text: str, kind: int) -> str:
    """Return an address as another clerk wrote it: without the room, with another word for it, without the city."""
    if kind == 0:
        return text.rsplit("号", 1)[0] + "号"
    if kind == 1:
        return text.replace("室", "单元")
    return text.removeprefix("上海市")
