"""Build the data of pack gbt4754_2017 (codes and titles only) from a table that the user has.

    python tools/packs/gbt4754.py TABLE.csv OUTPUT.csv [--correct 374:飞机制造=3741]

The table is UTF-8 with a header and the columns `code` and `name` (others are ignored): sections as letters,
divisions, groups and classes as digits. Tables often leave out a group that has one class only: such a group
is added with the title of its class. English titles are taken over from the packaged data.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

PACKAGED = Path(__file__).parents[2] / "src" / "lvshu" / "catalog" / "packs" / "gbt4754_2017" / "data.csv"
LEVELS = {1: "section", 2: "division", 3: "group", 4: "class"}
COLUMNS = ("code", "level", "parent", "section", "name_zh", "name_en")


def read_titles(
    path: Path, corrections: Mapping[tuple[str, str], str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the titles by code, and the section of each division, in the table's order.

    Raises:
        ValueError: a code occurs twice, or a division comes before any section.
    """
    titles: dict[str, str] = {}
    sections: dict[str, str] = {}
    section = ""
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            name = row["name"].strip().replace("(", "（").replace(")", "）")
            code = corrections.get((row["code"].strip(), name), row["code"].strip())
            if code in titles:
                raise ValueError(f"code {code} occurs twice: {titles[code]}, {name}")
            titles[code] = name
            if code.isalpha():
                section = code
            elif len(code) == 2:
                if not section:
                    raise ValueError(f"division {code} comes before any section")
                sections[code] = section
    return titles, sections


def restore_groups(titles: dict[str, str]) -> int:
    """Add each group that is left out because it has one class only; return how many were added."""
    absent = {code[:3]: code for code in titles if len(code) == 4 and code[:3] not in titles}
    for group, only in absent.items():
        titles[group] = titles[only]
    return len(absent)


def rows_of(
    titles: Mapping[str, str], sections: Mapping[str, str], english: Mapping[str, str]
) -> list[list[str]]:
    """Return the pack's rows in the order of the standard."""
    rows = []
    for section in sorted(code for code in titles if code.isalpha()):
        rows.append([section, "section", "", section, titles[section], english.get(section, "")])
        for division in sorted(code for code, of in sections.items() if of == section):
            for code in sorted(code for code in titles if code.startswith(division)):
                parent = section if len(code) == 2 else code[:-1]
                rows.append([code, LEVELS[len(code)], parent, section, titles[code], english.get(code, "")])
    return rows


def main(arguments: Sequence[str]) -> int:
    """Write the data and report the counts; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("table", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--correct", action="append", default=[], metavar="CODE:TITLE=RIGHT_CODE")
    options = parser.parse_args(arguments)
    corrections = {}
    for text in options.correct:
        wrong, _, right = text.partition("=")
        code, _, name = wrong.partition(":")
        corrections[code, name] = right
    titles, sections = read_titles(options.table, corrections)
    added = restore_groups(titles)
    with PACKAGED.open(encoding="utf-8", newline="") as file:
        english = {row["code"]: row["name_en"] for row in csv.DictReader(file) if row["name_en"]}
    with options.output.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows_of(titles, sections, english))
    counts = ", ".join(f"{sum(len(c) == n for c in titles)} {level}" for n, level in LEVELS.items())
    sys.stdout.write(f"{counts}; {added} groups of one class added\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
