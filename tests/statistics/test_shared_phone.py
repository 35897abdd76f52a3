"""A telephone that many units share is told, with how many names bear it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from lvshu.core.errors import Problem
from lvshu.linkage.enterprises import ENTERPRISE as MODEL
from lvshu.statistics.register.records import Records
from lvshu.statistics.register.shared_phone import MANY, tell_shared_phones


class _Context:
    """Keeps what is found."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def find(self, problem: Problem, **_: Any) -> None:
        self.found.append(problem)


def _told(phones: list[str | None], names: list[str]) -> list[Problem]:
    variants = pa.table({"phone_hash": pa.array(phones, pa.string()), "trade_name": names})
    count = len(phones)
    records = Records(
        "enterprise", MODEL, [f"tax|{row}" for row in range(count)], np.full(count, -1), [None] * count,
        [None] * count, variants, np.arange(count),
    )  # fmt: skip
    context = _Context()
    tell_shared_phones(context, records, {"zh": "企业", "en": "enterprises"})  # type: ignore[arg-type]
    return context.found


def test_a_number_of_many_names_is_told_and_one_of_many_records_of_one_unit_is_not() -> None:
    many = [f"name {row}" for row in range(MANY)]
    own: list[str | None] = ["own"] * 40
    [told] = _told([*own, *["agent"] * (MANY + 1), None, None], ["甲"] * 40 + [*many, many[0]] + ["乙", "丙"])
    assert told.code == "statistics.register_shared_phone"
    assert (told.values["numbers"], told.values["names"], told.values["records"]) == (1, MANY, MANY + 1)
    assert told.values["record"] == "tax|40"
    assert _told([*own, *["agent"] * (MANY - 1)], ["甲"] * 40 + many[1:]) == []
