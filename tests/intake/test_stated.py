"""Values that a person states: judged as cells are, each alone; and cells that the mapping file leaves empty."""

from __future__ import annotations

import pytest

from lvshu.core.errors import ContractError
from lvshu.intake.stated import stated_problems
from tests.intake.conftest import Place, codes, ledger_contract


def test_each_value_is_judged_alone(place: Place) -> None:
    stated = [
        ("month", "2023-04"), ("month", "spring"), ("balance", "-5"), ("balance", "12.5"), ("overseas", "境外"),
        ("overseas", "是"), ("kind", "大型"), ("kind", "huge"), ("industry", "3011"), ("industry", "3999"),
        ("paid_on", "2023-02-30"), ("uscc", "1"), ("staff", ""),
    ]  # fmt: skip
    found = stated_problems(ledger_contract(), stated, place.packs)
    assert {one: problem.code for one, problem in found.items()} == {
        ("month", "spring"): "intake.not_a_month",
        ("balance", "-5"): "intake.negative",
        ("overseas", "境外"): "intake.not_a_boolean",
        ("kind", "huge"): "intake.not_allowed",
        ("industry", "3999"): "intake.code_2011",
        ("paid_on", "2023-02-30"): "intake.no_such_day",
        ("uscc", "1"): "intake.uscc",
    }
    assert "3011" in found[("industry", "3999")].fix("en")
    for problem in found.values():
        for language in ("zh", "en"):
            assert problem.what(language) and problem.fix(language) and "{" not in problem.text(language)


def test_hostile_values_are_no_sql(place: Place) -> None:
    hostile = "x'; DROP TABLE ledger; --"
    assert stated_problems(ledger_contract(), [("kind", hostile), ("borrower", hostile)], place.packs) == {
        ("kind", hostile): stated_problems(ledger_contract(), [("kind", hostile)], place.packs)[
            ("kind", hostile)
        ]
    }
    with pytest.raises(ContractError):
        stated_problems(ledger_contract(), [("nothing", "1")], place.packs)


def test_a_value_mapped_to_nothing_leaves_the_cell_empty(place: Place) -> None:
    place.put(
        "ledger.csv",
        "loan_id,month,balance,overseas,kind\nL1,2023-04,1,未知,不知道\nL2,2023-04,2,true,large\n",
    )
    place.put(
        "ledger.mapping.toml",
        'table = "ledger"\n[values.overseas]\n"未知" = "保密"\n[values.kind]\n# nobody knows\n"不知道" = ""\n',
    )
    report = place.load()
    assert codes(report, "error") == []
    assert place.rows("loan_id, overseas, kind") == [("L1", None, None), ("L2", True, "large")]
    told = place.engine.execute("SELECT column_name, status FROM value_status ORDER BY ALL")
    assert ("overseas", "suppressed") in told and "kind" not in {name for name, _ in told}


def test_a_required_value_mapped_to_nothing_is_missing(place: Place) -> None:
    place.put("ledger.csv", "loan_id,month,balance\nL1,2023-04,?\n")
    place.put("ledger.mapping.toml", 'table = "ledger"\n[values.balance]\n"?" = ""\n')
    place.load()
    assert [one[4] for one in place.refused()] == ["intake.required_value_missing"]
