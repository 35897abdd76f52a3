"""English names of prefectures: spelt as they are known; the card says how many come from two sources."""

from __future__ import annotations

import re

from lvshu.catalog.pack_library import PackLibrary
from lvshu.publish.reader import packaged


def test_prefectures_have_the_names_that_they_are_known_by() -> None:
    library: PackLibrary = packaged()
    names = {
        str(row["area_code"]): row["name_en"] for row in library["areas"].rows if row["level"] == "prefecture"
    }
    known = {
        "130200": "Tangshan", "150100": "Hohhot", "230100": "Harbin", "320500": "Suzhou", "330700": "Jinhua",
        "341300": "Suzhou", "610100": "Xi'an", "650100": "Ürümqi", "220400": "Liaoyuan", "350200": "Xiamen",
    }  # fmt: skip
    assert {code: names[code] for code in known} == known
    assert all(re.fullmatch(r"[A-Za-zÀ-ÿ' -]+", str(name)) for name in names.values()), names
    assert (
        len(set(names.values())) >= len(names) - 5
    )  # Suzhou, Taizhou, Yulin, Fuzhou, Yichun are two places each
    ours = [row for row in library["areas"].rows if str(row["source"]).endswith("英文名由本项目拼写")]
    assert {str(row["level"]) for row in ours} == {"prefecture"}
    card = library.card("areas")
    told = re.search(r"\((\d+) with English names by GeoNames .* confirms; (\d+),", card.completeness_note_en)
    assert told is not None and (int(told[1]), int(told[2])) == (len(names) - len(ours), len(ours))
