"""Names in messages are those of the publications, and no raw code stands where a pack has a name."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from lvshu.accounts.book.energy import named_in
from lvshu.accounts.book.quick_estimate import SET_NAMES
from lvshu.publish.texts import code_label
from lvshu.statistics.indicator_check import INDICATOR_NAMES


@pytest.mark.parametrize(
    ("domain", "names"), [("factor_set", SET_NAMES), ("monthly_indicator", INDICATOR_NAMES)]
)
def test_names_in_messages_are_those_of_the_pages(domain: str, names: dict[str, dict[str, str]]) -> None:
    for code, name in names.items():
        label = code_label(domain, code)
        assert (name["zh"], name["en"]) == (label.zh, label.en)


def test_a_code_that_no_pack_names_stands_for_itself() -> None:
    assert named_in(None, "x") == {"zh": "x", "en": "x"}
    assert named_in({"name_zh": "原煤", "name_en": ""}, "x") == {"zh": "原煤", "en": "原煤"}


def test_findings_name_fuels_lines_factors_and_indicators(client: TestClient) -> None:
    panels = client.get("/data.json").json()["panels"]
    told = next(panel for panel in panels if panel["id"] == "findings")["table"]["rows"]
    codes = ("accounts.gas_without_factor", "accounts.quick_factors_restated", "accounts.freight_no_factor",
             "statistics.nowcast_no_better")  # fmt: skip
    found = [row for row in told if row["code"] in codes]
    assert {row["code"] for row in found} >= set(codes[:2])
    for row in found:
        for language in ("zh", "en"):
            raw = re.findall(r"[a-z]+(?:_[a-z]+)+", row["what"][language])
            assert row["code"] == "accounts.freight_no_factor" or not raw, row["what"][language]
