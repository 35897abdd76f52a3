"""`lvshu disclose protect` after an earlier table by other codes or of another range: no revision, and never a pass."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

import pytest

from lvshu.cli.main import main

READING = ["-d", "region", "-d", "category", "--value", "amount", "--contributor", "firm", "--minimum-count", "3",
           "--range-percent", "10", "--lang", "en"]  # fmt: skip
CELLS = {
    ("r1", "a"): [34, 161], ("r1", "b"): [122, 124, 98, 202], ("r1", "c"): [170, 163, 149, 141],
    ("r2", "a"): [190, 187, 199, 180, 195], ("r2", "b"): [133, 140, 155, 171, 197], ("r2", "c"): [166, 158, 147, 189],
    ("r3", "a"): [131, 129, 137], ("r3", "b"): [196], ("r3", "c"): [160, 157, 155, 158],
    ("r4", "a"): [186, 181, 190, 177, 173], ("r4", "b"): [119, 113, 117, 117], ("r4", "c"): [121, 120, 113, 120],
}  # fmt: skip
NORTH = {"r1": "north", "r2": "north", "r3": "south", "r4": "south"}
Figures = dict[tuple[str, str], float]


@pytest.fixture
def records(tmp_path: Path) -> Path:
    path = tmp_path / "records.csv"
    rows = [(region, category, f"{region}{category}{number}", amount)
            for (region, category), amounts in CELLS.items() for number, amount in enumerate(amounts)]  # fmt: skip
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("region", "category", "firm", "amount"), *rows])
    return path


def summed(name: dict[str, str] | None = None, without: str = "", factor: float = 1.0) -> Figures:
    """Return the whole table by region (or what regions are called) and category, totals among them."""
    found: Figures = {}
    for (region, category), amounts in CELLS.items():
        if region != without:
            code = (name or {}).get(region, region)
            for key in itertools.product((code, "total"), (category, "total")):
                found[key] = found.get(key, 0.0) + round(factor * sum(amounts))
    return found


def written(path: Path, figures: Figures, *, by_region: bool = True) -> Path:
    heads = ["region", "category", "amount"] if by_region else ["category", "amount"]
    rows = [[*(key if by_region else key[1:]), value] for key, value in figures.items()
            if by_region or key[0] == "total"]  # fmt: skip
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([heads, *rows])
    return path


def flat(text: str) -> str:
    """Return a told text without its frame and line ends."""
    return " ".join(text.replace("│", " ").split())


def protect(records: Path, earlier: Path, *more: str) -> tuple[int, Path]:
    public = records.with_name("public.csv")
    code = main(
        ["disclose", "protect", str(records), *READING, "--earlier", str(earlier), "-o", str(public), *more]
    )
    return code, public


@pytest.mark.parametrize("factor", [1.0, 1.003])
def test_an_earlier_table_by_other_codes_is_refused_until_levels_are_stated(
    records: Path, factor: float, capsys
) -> None:
    """North less r2 is the unsafe r1: as printed, and nearly so after a small revision."""
    earlier = written(records.with_name("earlier.csv"), summed(NORTH, factor=factor))
    code, public = protect(records, earlier)
    said = capsys.readouterr()
    told = flat(said.err)
    assert code == 1 and not public.exists()
    assert "disclosure.codes_changed" in told and "only there north, south; only now r1, r2, r3, r4" in told
    assert "no unsafe cell can be worked out" not in said.out
    if factor > 1.0:
        return
    assert "disclosure.union_given_away" in told and "north = r1 + r2" in told
    denying = records.with_name("flat.csv")
    denying.write_text(
        "code,parent\n" + "".join(f"{one},\n" for one in (*NORTH, "north", "south")), encoding="utf-8"
    )
    assert (
        protect(records, earlier, "--levels", f"region={denying}")[0] == 1
    )  # levels that deny what the figures say
    assert "disclosure.union_given_away" in capsys.readouterr().err and not public.exists()
    levels = records.with_name("levels.csv")
    levels.write_text("code,parent\nnorth,\nsouth,\n" + "".join(f"{own},{up}\n" for own, up in NORTH.items()),
                      encoding="utf-8")  # fmt: skip
    assert protect(records, earlier, "--levels", f"region={levels}")[0] == 0
    with public.open(encoding="utf-8-sig", newline="") as stream:
        shown = {(row["region"], row["category"]): row["amount"] for row in csv.DictReader(stream)}
    assert shown["north", "a"] == "1146" and shown["r1", "a"] == shown["r2", "a"] == ""


def test_an_earlier_table_that_left_a_region_out_is_refused(records: Path, capsys) -> None:
    """All regions now less all but r1 then is r1, of which category a is unsafe."""
    earlier = written(records.with_name("earlier.csv"), summed(without="r1"), by_region=False)
    code, public = protect(records, earlier)
    told = flat(capsys.readouterr().err)
    assert code == 1 and not public.exists()
    assert "disclosure.union_given_away" in told and "total = r2 + r3 + r4" in told
    assert "category = a, region = r1" in told


def test_a_finer_table_of_before_by_other_codes_is_refused(records: Path, capsys) -> None:
    figures = {key: value for key, value in summed(NORTH).items() if key != ("north", "a")}
    earlier = written(records.with_name("earlier.csv"), figures)
    reading = [one for one in READING if one != "region"]
    reading.remove("-d")
    assert main(["disclose", "protect", str(records), *reading, "--earlier", str(earlier)]) == 1
    assert "disclosure.codes_changed" in capsys.readouterr().err


def test_a_revision_of_the_same_codes_is_still_a_revision(records: Path, capsys) -> None:
    figures = {
        key: value for key, value in summed().items() if "r3" not in key and key[0] != "r1" and key[1] != "b"
    }
    for key in (("r2", "c"), ("total", "c"), ("r2", "total"), ("total", "total")):
        figures[key] -= 7
    earlier = written(records.with_name("earlier.csv"), figures)
    code, _ = protect(records, earlier)
    told = capsys.readouterr()
    assert code == 0, told.err
    assert "disclosure.revised" in told.err + told.out
    assert "codes_changed" not in told.err and "range" not in told.err
